import type { Flow } from '../engine/step.ts'
import { failover } from './failover.ts'
import type { Mode, World } from './world.ts'

/** Command word -> the runbook it starts. The only registry: grammar, help and `docs/runbook.md` follow it. */
export const flows = { failover } as const satisfies Record<string, (mode: Mode) => Flow<World>>

/** The modes a flow can run in, in the order help names them. */
export const modes: readonly Mode[] = ['emergency', 'planned', 'detach']
