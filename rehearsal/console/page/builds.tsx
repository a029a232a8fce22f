import { duration } from '../../../src/engine/duration.ts'
import type { BuildPicture, Picture } from '../picture.ts'
import { useWorldTime } from './use-picture.ts'

const words: Readonly<Record<BuildPicture['status'], string>> = {
  IN_PROGRESS: 'applying',
  SUCCEEDED: 'applied',
  FAILED: 'failed',
}

/** The user's own applies of the Terraform stacks of one side. */
export function Builds({ builds, clock }: { builds: readonly BuildPicture[]; clock: Picture['clock'] }) {
  return builds.map((build) => <Build key={build.id} build={build} clock={clock} />)
}

function Build({ build, clock }: { build: BuildPicture; clock: Picture['clock'] }) {
  const now = useWorldTime(clock)
  const { stack, status, since, line } = build
  return (
    <dd className={`wide build ${status.toLowerCase()}`}>
      <p>
        <span>
          <code>terraform apply</code> {stack}
        </span>
        <b>{words[status]}</b>
      </p>
      {status === 'IN_PROGRESS' && <p>{duration(now - since)} so far</p>}
      {line && <p className="line">{line}</p>}
    </dd>
  )
}
