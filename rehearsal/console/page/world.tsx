import { useState } from 'react'
import type { AppPicture, Picture, Side } from '../picture.ts'
import { Calls } from './calls.tsx'
import { Sparkline } from './sparkline.tsx'
import { act, useWorldTime } from './use-picture.ts'

const sides: readonly Side[] = ['home', 'dr']

/** The simulated world: the two regions, the customers, and the buttons that break things. */
export function World({ picture }: { picture: Picture }) {
  return (
    <section className="world">
      <Faults picture={picture} />
      <div className="customers">
        {picture.apps.map((app) => (
          <Customers key={app.name} app={app} />
        ))}
      </div>
      <div className="regions">
        {sides.map((side) => (
          <Region key={side} side={side} picture={picture} />
        ))}
      </div>
      <Calls calls={picture.calls} />
    </section>
  )
}

function Faults({ picture }: { picture: Picture }) {
  const [busy, setBusy] = useState<string>()
  const cause = async (what: string, body: object) => {
    setBusy(what)
    await act(what, body)
    setBusy(undefined)
  }
  const { home } = picture.regions
  const dark = home.outage !== undefined
  return (
    <div className="faults">
      <span>Break something</span>
      <button
        type="button"
        className="danger"
        disabled={dark || busy !== undefined}
        onClick={() => cause('outage', { kind: 'drop' })}
      >
        Home goes dark
      </button>
      <button type="button" disabled={!dark || busy !== undefined} onClick={() => cause('outage', {})}>
        Home comes back
      </button>
      <button
        type="button"
        disabled={!picture.bot.up || busy !== undefined}
        onClick={() => cause('kill', {})}
      >
        Kill the worker
      </button>
    </div>
  )
}

/** How an application looks to its customers: the one figure that decides whether the night is over. */
function Customers({ app }: { app: AppPicture }) {
  const { success, name, dns, moving, history } = app
  const level = success >= 0.99 ? 'ok' : success >= 0.5 ? 'warn' : 'bad'
  return (
    <article className={`customer ${level}`} data-app={name}>
      <header>
        <h3>{name}.example.test</h3>
        <span className="dns">
          DNS → <b>{dns}</b>
          {moving && ', spreading'}
        </span>
      </header>
      <p className="figure">
        <span className="success">{percent(success)}</span>
        <small>%</small>
      </p>
      <p className="caption">of customers' requests succeed</p>
      <p className="outage">{outageSentence(app.outage)}</p>
      <Sparkline history={history} />
    </article>
  )
}

/** Rounded down, so that 100 means all of them. */
const percent = (share: number) => String(Math.floor(share * 100))

function outageSentence(outage: AppPicture['outage']): string {
  if (!outage) return 'no outage so far'
  const length = duration(outage.seconds * 1000)
  return outage.to === null ? `out for ${length}` : `the last outage took ${length}`
}

function Region({ side, picture }: { side: Side; picture: Picture }) {
  const { name, outage, since } = picture.regions[side]
  const now = useWorldTime(picture.clock)
  const state = outage === undefined ? 'well' : outage === 'slow' ? 'grey' : 'dark'
  return (
    <article className={`region ${state}`} data-side={side}>
      <header>
        <h3>
          <span className="role">{side}</span> {name}
        </h3>
        <span className="health">
          {outage === undefined ? 'reachable' : `${state} for ${duration(now - (since ?? now))}`}
        </span>
      </header>
      {picture.apps.map((app) => (
        <AppSide key={app.name} app={app} side={side} />
      ))}
    </article>
  )
}

function AppSide({ app, side }: { app: AppPicture; side: Side }) {
  const { writer, database, lagSeconds, services } = app.sides[side]
  return (
    <div className="app" data-app={app.name}>
      <h4>
        {app.name}
        {app.dns === side && <span className="tag traffic">takes the traffic</span>}
      </h4>
      <dl>
        <dt>Aurora</dt>
        <dd>
          <span className={`tag ${writer ? 'writer' : ''}`}>{writer ? 'writer' : 'reader'}</span>
          {(lagSeconds === undefined || database !== 'available') && (
            <span className="status">{database}</span>
          )}
          {lagSeconds !== undefined && <span className="lag">lag {lagOf(lagSeconds)}</span>}
        </dd>
        {services.map((service) => (
          <Service key={service.name} {...service} />
        ))}
      </dl>
    </div>
  )
}

function Service({ name, desired, running, healthy }: AppPicture['sides'][Side]['services'][number]) {
  const tasks = Array.from({ length: Math.max(desired, running) }, (_, place) => ({
    place,
    state: place < healthy ? 'healthy' : place < running ? 'running' : 'wanted',
  }))
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <span
          className="tasks"
          role="img"
          aria-label={`${running} of ${desired} tasks run, ${healthy} are healthy`}
        >
          {tasks.map(({ place, state }) => (
            <i key={place} className={state} />
          ))}
        </span>
        <span className="count">
          {running}/{desired}
        </span>
      </dd>
    </>
  )
}

const lagOf = (seconds: number) => (seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds * 1000))

/** Such as `2m 11s`. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const minutes = Math.floor(seconds / 60)
  if (minutes >= 60) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`
  return minutes ? `${minutes}m ${seconds % 60}s` : `${seconds}s`
}
