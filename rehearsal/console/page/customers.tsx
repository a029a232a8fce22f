import { duration } from '../../../src/engine/duration.ts'
import type { AppPicture, Picture } from '../picture.ts'
import { Sparkline } from './sparkline.tsx'
import { useWorldTime } from './use-picture.ts'

type Props = { app: AppPicture; clock: Picture['clock'] }

/** How an application looks to its customers: the one figure that decides whether the night is over. */
export function Customers({ app, clock }: Props) {
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
      {app.noStandby && <NoStandby since={app.noStandby.since} clock={clock} />}
      {app.lost && <p className="gap">{lostSentence(app.lost)}</p>}
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

function NoStandby({ since, clock }: { since: number | undefined; clock: Picture['clock'] }) {
  const now = useWorldTime(clock)
  return <p className="gap">no standby{since === undefined ? '' : ` for ${duration(now - since)}`}</p>
}

function lostSentence({ seconds, places }: NonNullable<AppPicture['lost']>): string {
  const lost = `${seconds.toFixed(1)} s of writes lost`
  if (places === 0) return `${lost}, and nowhere any more`
  return `${lost}, still in ${places} ${places === 1 ? 'place' : 'places'}`
}
