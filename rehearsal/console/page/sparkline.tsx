import type { AppPicture } from '../picture.ts'

const width = 240
const height = 40

/** The success rate over the last minutes. */
export function Sparkline({ history }: { history: AppPicture['history'] }) {
  const first = history[0]?.at ?? 0
  const span = Math.max(1, (history.at(-1)?.at ?? 1) - first)
  const points = history.map(({ at, success }) => ({
    x: ((at - first) / span) * width,
    y: 2 + (1 - success) * (height - 4),
  }))
  const line = points
    .map(({ x, y }, index) => `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join(' ')
  const last = points.at(-1)
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img">
      <title>Success rate over the last minutes</title>
      {points[0] && last && (
        <>
          <path
            className="area"
            d={`${line} L${last.x.toFixed(1)} ${height} L${points[0].x.toFixed(1)} ${height} Z`}
          />
          <path className="line" d={line} vectorEffect="non-scaling-stroke" />
        </>
      )}
    </svg>
  )
}
