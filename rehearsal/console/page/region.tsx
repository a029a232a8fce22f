import { duration } from '../../../src/engine/duration.ts'
import type { AppPicture, Picture, Side } from '../picture.ts'
import { Builds } from './builds.tsx'
import { Database } from './database.tsx'
import { useWorldTime } from './use-picture.ts'

/** One of the two regions and what runs in it: the truth of the world, also where it is dark. */
export function Region({ side, picture }: { side: Side; picture: Picture }) {
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
      {state === 'dark' && <p className="unseen">The bot sees nothing of this.</p>}
      {picture.apps.map((app) => (
        <AppSide key={app.name} app={app} side={side} clock={picture.clock} />
      ))}
    </article>
  )
}

function AppSide({ app, side, clock }: { app: AppPicture; side: Side; clock: Picture['clock'] }) {
  const here = app.sides[side]
  return (
    <div className="app" data-app={app.name}>
      <h4>
        {app.name}
        {app.dns === side && <span className="tag traffic">takes the traffic</span>}
      </h4>
      <dl>
        <Database side={here} clock={clock} />
        {here.services.map((service) => (
          <Service key={service.name} {...service} />
        ))}
        <Builds builds={here.builds} clock={clock} />
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
