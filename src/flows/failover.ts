import { defineFlow, type Flow, type Step } from '../engine/step.ts'
import { askForCapacity } from './steps/ask-for-capacity.ts'
import { awaitCapacity } from './steps/await-capacity.ts'
import { awaitDns } from './steps/await-dns.ts'
import { checkBothSides } from './steps/check-both-sides.ts'
import { checkIdentityAndTarget } from './steps/check-identity-and-target.ts'
import { checkOldSideSilent } from './steps/check-old-side-silent.ts'
import { detachStandby } from './steps/detach-standby.ts'
import { fenceOldSide } from './steps/fence-old-side.ts'
import { measureRpo } from './steps/measure-rpo.ts'
import { noteNewestWrite } from './steps/note-newest-write.ts'
import { promoteStandby } from './steps/promote-standby.ts'
import { proveFence } from './steps/prove-fence.ts'
import { proveReadOnly } from './steps/prove-read-only.ts'
import { proveStack } from './steps/prove-stack.ts'
import { quiesceWriters } from './steps/quiesce-writers.ts'
import { refreshPools } from './steps/refresh-pools.ts'
import { releaseWriters } from './steps/release-writers.ts'
import { serveListener } from './steps/serve-listener.ts'
import { switchOver } from './steps/switch-over.ts'
import { takeDns } from './steps/take-dns.ts'
import { verifyGreen } from './steps/verify-green.ts'
import { weighLagAfterFence } from './steps/weigh-lag-after-fence.ts'
import type { Mode, World } from './world.ts'

/** The old region may be dark: nothing between the first step and `await-dns` waits for it. */
const emergency: readonly Step<World>[] = [
  checkIdentityAndTarget,
  askForCapacity,
  fenceOldSide,
  weighLagAfterFence,
  promoteStandby,
  awaitCapacity,
  refreshPools,
  serveListener,
  proveStack,
  takeDns,
  awaitDns,
  proveFence,
  verifyGreen,
]

/** Both sides are healthy: everything that can be is done before customers are made to wait. Nothing is lost. */
const planned: readonly Step<World>[] = [
  checkIdentityAndTarget,
  checkBothSides,
  askForCapacity,
  awaitCapacity,
  proveReadOnly,
  noteNewestWrite,
  quiesceWriters,
  switchOver,
  measureRpo,
  refreshPools,
  serveListener,
  proveStack,
  takeDns,
  awaitDns,
  verifyGreen,
  releaseWriters,
]

/** AWS refuses the managed failover: the standby is cut off and serves alone. */
const detach: readonly Step<World>[] = [
  checkIdentityAndTarget,
  askForCapacity,
  fenceOldSide,
  checkOldSideSilent,
  detachStandby,
  awaitCapacity,
  refreshPools,
  serveListener,
  proveStack,
  takeDns,
  awaitDns,
  proveFence,
  verifyGreen,
]

const MODES = {
  emergency: defineFlow({ name: 'failover', title: 'Emergency failover', steps: emergency }),
  planned: defineFlow({ name: 'failover', title: 'Planned failover', steps: planned }),
  detach: defineFlow({ name: 'failover', title: 'Failover by detaching', steps: detach }),
} as const satisfies Record<Mode, Flow<World>>

/** The runbook from the active to the standby side, in one of its three modes. */
export const failover = (mode: Mode): Flow<World> => MODES[mode]
