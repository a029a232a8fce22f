import type { ReactNode } from 'react'

const disc = (fill: string, mark?: ReactNode) => (
  <>
    <circle cx="10" cy="10" r="8.5" fill={fill} />
    {mark}
  </>
)
const stroke = (d: string, color = '#fff') => (
  <path d={d} fill="none" stroke={color} strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round" />
)
const tick = 'M6 10.4l2.7 2.7L14 7.4'
const cross = 'M7 7l6 6M13 7l-6 6'

/** The emoji that our messages use, drawn alike on every machine: not each has a font with them. */
const drawings: Readonly<Record<string, ReactNode>> = {
  white_check_mark: disc('#2eb67d', stroke(tick)),
  heavy_check_mark: stroke(tick, '#2eb67d'),
  x: stroke(cross, '#e01e5a'),
  no_entry: disc('#e01e5a', stroke('M6 10h8')),
  octagonal_sign: <path d="M6.5 1.5h7l5 5v7l-5 5h-7l-5-5v-7z" fill="#e01e5a" />,
  red_circle: disc('#e01e5a'),
  large_green_circle: disc('#2eb67d'),
  large_yellow_circle: disc('#ecb22e'),
  white_circle: <circle cx="10" cy="10" r="7.5" fill="#fff" stroke="#b5b2ac" strokeWidth="2" />,
  heavy_minus_sign: stroke('M5 10h10', '#8a8780'),
  warning: (
    <>
      <path d="M10 2l8.5 15.5h-17z" fill="#ecb22e" stroke="#c28a00" strokeWidth="1" strokeLinejoin="round" />
      {stroke('M10 8v4M10 14.7v.1', '#4a3500')}
    </>
  ),
  rotating_light: (
    <>
      <path d="M5 15v-4a5 5 0 0 1 10 0v4z" fill="#e01e5a" />
      {stroke('M3.5 17h13', '#616061')}
      {stroke('M10 2v1.2M3.4 5l.9.9M16.6 5l-.9.9', '#e01e5a')}
    </>
  ),
  hourglass_flowing_sand: (
    <>
      {stroke('M5.5 2.5h9M5.5 17.5h9M6.5 3c0 4 7 9.5 7 14M13.5 3c0 4-7 9.5-7 14', '#8a6d3b')}
      <path d="M8 15.5l2-2 2 2z" fill="#ecb22e" />
    </>
  ),
  arrow_forward: (
    <>
      <rect x="1.5" y="1.5" width="17" height="17" rx="4" fill="#1d9bd1" />
      <path d="M8 6l5.5 4L8 14z" fill="#fff" />
    </>
  ),
  fast_forward: (
    <>
      <rect x="1.5" y="1.5" width="17" height="17" rx="4" fill="#1d9bd1" />
      <path d="M4.5 6l5 4-5 4zM10 6l5 4-5 4z" fill="#fff" />
    </>
  ),
  leftwards_arrow_with_hook: stroke('M8 5L4 9l4 4M4.5 9H12a3.5 3.5 0 0 1 0 7H9', '#1d9bd1'),
  raised_hand: (
    <path
      d="M6 11V5.5a1.2 1.2 0 0 1 2.4 0V4a1.2 1.2 0 0 1 2.4 0v1a1.2 1.2 0 0 1 2.4 0v6l1.3-1.6a1.2 1.2 0 0 1 1.9 1.4L14 16c-1 1.6-2.2 2.3-4 2.3-2.6 0-4-1.7-4-4.5z"
      fill="#ecb22e"
      stroke="#c28a00"
      strokeWidth="0.8"
    />
  ),
  test_tube: (
    <>
      <path d="M8 2.5v12a2.5 2.5 0 0 0 5 0v-12" fill="#e8f4fb" stroke="#616061" strokeWidth="1.4" />
      <path d="M8 9.5h5v5a2.5 2.5 0 0 1-5 0z" fill="#6b4fbb" />
      {stroke('M6.5 2.5h8', '#616061')}
    </>
  ),
}

/** Slack's `:name:` as a picture; what we do not draw is left to the font. The minutes of a time are no name. */
export function drawEmoji(data: { name: string }, parse: (data: { name: string }) => string): ReactNode {
  if (/^\d+$/.test(data.name)) return `:${data.name}:`
  const drawing = drawings[data.name]
  if (!drawing) return parse(data)
  return (
    <svg className="emoji" viewBox="0 0 20 20" role="img" aria-label={data.name.replaceAll('_', ' ')}>
      {drawing}
    </svg>
  )
}
