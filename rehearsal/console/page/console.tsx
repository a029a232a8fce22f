import { useState } from 'react'
import type { Picture } from '../picture.ts'
import { Channel } from './channel.tsx'
import { act, usePicture, useWorldTime } from './use-picture.ts'
import { World } from './world.tsx'

/** The whole page: the incident channel on the left, the world it is about on the right. */
export function Console() {
  const { picture, live } = usePicture()
  if (!picture) return <p className="waiting">Looking at the rehearsal…</p>
  return (
    <>
      <TopBar picture={picture} live={live} />
      <main>
        {picture.channel ? (
          <Channel channel={picture.channel} />
        ) : (
          <section className="channel foreign">
            <h2>The channel is elsewhere</h2>
            <p>
              This rehearsal talks to the Slack at <code>{picture.foreignSlack}</code>. Type your commands
              there; what they do to the simulated AWS is shown beside this.
            </p>
          </section>
        )}
        <World picture={picture} />
      </main>
    </>
  )
}

function TopBar({ picture, live }: { picture: Picture; live: boolean }) {
  const now = useWorldTime(picture.clock)
  return (
    <header className="topbar">
      <strong>Understudy</strong>
      <span className="stamp">
        rehearsal<span> · everything simulated</span>
      </span>
      <span className="spacer" />
      {live || <span className="lost">connection lost, trying again</span>}
      <BotLight {...picture.bot} />
      <span className="clock" title="World time, UTC">
        <small>world time</small>
        <span className="clock-time">
          <span>{dayOf(now)}</span> {new Date(now).toISOString().slice(11, 19)}
        </span>
        <ScaleChoice scale={picture.clock.scale} />
      </span>
    </header>
  )
}

/** Such as `21 Nov`: at speed, days pass. */
const dayOf = (at: number) =>
  new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

function BotLight({ up, starts }: Picture['bot']) {
  const again = starts > 1 ? `, started ${starts} times` : ''
  return (
    <span className={`bot-light ${up ? 'up' : 'down'}`}>
      <i />
      {up ? <span>bot running{again}</span> : 'bot down, coming back'}
    </span>
  )
}

/** A failover is watched at 20×; hours of resynchronising pass in seconds at 3600×. */
const scales = [1, 5, 20, 60, 600, 3600]

function ScaleChoice({ scale }: { scale: number }) {
  const [busy, setBusy] = useState(false)
  const choose = async (next: number) => {
    setBusy(true)
    await act('scale', { scale: next })
    setBusy(false)
  }
  const choices = scales.includes(scale) ? scales : [...scales, scale].sort((a, b) => a - b)
  return (
    <select
      aria-label="World time runs this many times as fast"
      disabled={busy}
      value={scale}
      onChange={({ target }) => choose(Number(target.value))}
    >
      {choices.map((n) => (
        <option key={n} value={n}>
          {n === 0 ? 'stopped' : `${n}× time`}
        </option>
      ))}
    </select>
  )
}
