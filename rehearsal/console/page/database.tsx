import { duration } from '../../../src/engine/duration.ts'
import type { Activity, ClusterPicture, Picture, SidePicture, SnapshotPicture } from '../picture.ts'
import { useWorldTime } from './use-picture.ts'

type Props = { side: SidePicture; clock: Picture['clock'] }

/** An application's database in one region: what it is, what is happening to it, and what lies beside it. */
export function Database({ side, clock }: Props) {
  const { cluster, snapshots } = side
  return (
    <>
      <dt>Aurora</dt>
      <dd className="aurora">{cluster ? <Cluster cluster={cluster} side={side} /> : <Absent />}</dd>
      {cluster && <Instances cluster={cluster} />}
      {cluster?.activity && <Progress activity={cluster.activity} clock={clock} />}
      {snapshots.map((snapshot) => (
        <Snapshot key={snapshot.id} snapshot={snapshot} clock={clock} />
      ))}
    </>
  )
}

const Absent = () => <span className="tag absent">no cluster</span>

function Cluster({ cluster, side }: { cluster: ClusterPicture; side: SidePicture }) {
  const { status, member, holdsLost } = cluster
  const { writer, lagSeconds } = side
  return (
    <>
      {holdsLost && <LostMark in="volume" />}
      <span className={`tag ${writer ? 'writer' : ''}`}>{writer ? 'writer' : 'reader'}</span>
      {member || <span className="tag alone">standalone</span>}
      {(lagSeconds === undefined || status !== 'available') && <span className="status">{status}</span>}
      {lagSeconds !== undefined && <span className="lag">lag {lagOf(lagSeconds)}</span>}
    </>
  )
}

/** Writes that the customers had made and that the serving database has not. */
const LostMark = (props: { in: 'volume' | 'snapshot' }) => (
  <span className="tag lost-here" title={`The lost writes are still in this ${props.in}`}>
    lost writes
  </span>
)

const usual = (status: string) => status === 'available'

/** Drawn like tasks; what is not available is said in words too. */
function Instances({ cluster: { instances } }: { cluster: ClusterPicture }) {
  const well = instances.filter(({ status }) => usual(status)).length
  const words = [...new Set(instances.map(({ status }) => status).filter((status) => !usual(status)))]
  return (
    <>
      <dt>instances</dt>
      <dd>
        <span className="status">{words.join(', ')}</span>
        <span
          className="tasks"
          role="img"
          aria-label={`${well} of ${instances.length} instances are available`}
        >
          {instances.map(({ id, status }) => (
            <i key={id} title={`${id}: ${status}`} className={usual(status) ? 'healthy' : 'running'} />
          ))}
        </span>
        <span className="count">
          {well}/{instances.length}
        </span>
      </dd>
    </>
  )
}

/** The world knows how far it is; AWS would say nothing for hours. */
function Progress({ activity, clock }: { activity: Activity; clock: Picture['clock'] }) {
  const now = useWorldTime(clock)
  const { doing, since, until } = activity
  const share =
    since === undefined || until === undefined
      ? undefined
      : Math.min(1, Math.max(0, (now - since) / Math.max(1, until - since)))
  return (
    <dd className="wide activity" title="AWS tells no progress: this is the truth of the simulated world">
      <p>
        <span>{doing}</span>
        {since !== undefined && <span>{duration(now - since)} so far</span>}
        {since === undefined && until !== undefined && <span>{duration(until - now)} to go</span>}
      </p>
      {share !== undefined && <progress value={share} max={1} aria-label={doing} />}
    </dd>
  )
}

const kinds: Readonly<Record<SnapshotPicture['kind'], string>> = {
  rescue: "AWS's snapshot of the old volume",
  ours: "Understudy's copy",
  other: 'a snapshot',
}

function Snapshot({ snapshot, clock }: { snapshot: SnapshotPicture; clock: Picture['clock'] }) {
  const now = useWorldTime(clock)
  const { id, kind, status, expiresAt, holdsLost } = snapshot
  const fate =
    status !== 'available'
      ? status
      : expiresAt === undefined
        ? 'stays'
        : `vanishes in ${duration(expiresAt - now)}`
  return (
    <dd className={`wide snapshot ${kind}`} title={`${kinds[kind]}: ${id}`}>
      <code>{id}</code>
      <p>
        {holdsLost && <LostMark in="snapshot" />}
        <span>{fate}</span>
      </p>
    </dd>
  )
}

const lagOf = (seconds: number) => (seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds * 1000))
