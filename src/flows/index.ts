import type { Flow } from '../engine/step.ts'
import { aftercare } from './aftercare.ts'
import type { Choice } from './choice.ts'
import { drill } from './drill.ts'
import { failback } from './failback.ts'
import { failover } from './failover.ts'
import type { World } from './world.ts'

/** Every runbook there is, by flow and variant. The only registry: what runs, and `docs/runbook.md`, follow it. */
export const flows = {
  failover: {
    emergency: failover('emergency'),
    planned: failover('planned'),
    detach: failover('detach'),
  },
  failback: { fast: failback('fast'), rebuild: failback('rebuild'), repair: failback('repair') },
  drill: { full: drill('full'), capacity: drill('capacity') },
  aftercare: { watch: aftercare },
} as const satisfies { readonly [C in Choice as C['flow']]: Readonly<Record<C['variant'], Flow<World>>> }

/** The runbook that was chosen. */
export const flowOf = ({ flow, variant }: Pick<Choice, 'flow' | 'variant'>): Flow<World> =>
  (flows[flow] as Readonly<Record<string, Flow<World>>>)[variant] as Flow<World>
