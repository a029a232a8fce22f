import { defineFlow, type Flow, type Step } from '../engine/step.ts'
import type { DrillScope } from './choice.ts'
import { reversed } from './reversed.ts'
import { askForCapacity } from './steps/ask-for-capacity.ts'
import { awaitCapacity } from './steps/await-capacity.ts'
import { awaitDns } from './steps/await-dns.ts'
import { checkBothSides } from './steps/check-both-sides.ts'
import { checkIdentityAndTarget } from './steps/check-identity-and-target.ts'
import { confirmSteady } from './steps/confirm-steady.ts'
import { drillGuards } from './steps/drill-guards.ts'
import { goHome, stays } from './steps/go-home.ts'
import { measureRpo } from './steps/measure-rpo.ts'
import { noteNewestWrite } from './steps/note-newest-write.ts'
import { proveReadOnly } from './steps/prove-read-only.ts'
import { proveStack } from './steps/prove-stack.ts'
import { quiesceWriters } from './steps/quiesce-writers.ts'
import { refreshPools } from './steps/refresh-pools.ts'
import { releaseWriters } from './steps/release-writers.ts'
import { resumeScaling } from './steps/resume-scaling.ts'
import { serveListener } from './steps/serve-listener.ts'
import { soak } from './steps/soak.ts'
import { standBy, standDown } from './steps/stand-down.ts'
import { switchOverSafely } from './steps/switch-over.ts'
import { takeDns } from './steps/take-dns.ts'
import { verifyGreen } from './steps/verify-green.ts'
import type { SafeWorld } from './world.ts'

/** A drill that does not come to its switch leaves dr as it found it. */
const askForCapacityToDrill: Step<SafeWorld> = {
  ...askForCapacity,
  title: 'Ask for full capacity in dr',
  undo: async (world) => (await standBy.act?.(world)) ?? { evidence: [] },
}

/** What can be proven without a customer noticing. */
const capacity: readonly Step<SafeWorld>[] = [
  checkIdentityAndTarget,
  checkBothSides,
  askForCapacityToDrill,
  awaitCapacity,
  proveReadOnly,
]

/** Customers wait from the quiesce to the records. Home is kept warm afterwards: it is where they go back to. */
const out: readonly Step<SafeWorld>[] = [
  noteNewestWrite,
  quiesceWriters,
  switchOverSafely,
  measureRpo,
  refreshPools,
  serveListener,
  proveStack,
  takeDns,
  awaitDns,
  verifyGreen,
  releaseWriters,
]

/** Nothing of the way back is known by having gone out: all of it is looked at and asked for anew. */
const back: readonly Step<SafeWorld>[] = [
  wayBack(checkIdentityAndTarget, 'Check the account, the role and the home cluster'),
  wayBack(checkBothSides, 'Check again that both sides are healthy, alike and in step'),
  wayBack(askForCapacity, 'Ask for full capacity at home'),
  wayBack(awaitCapacity, "Wait until home's capacity is there"),
  wayBack(proveReadOnly, 'Prove that home answers, still without the writer'),
  wayBack(noteNewestWrite, 'Note the newest write in dr and the lag of home, to measure by'),
  wayBack(quiesceWriters, 'Stop the writers of dr: customers wait a second time from here'),
  wayBack(switchOverSafely, 'Switch the writer home (nothing is lost)'),
  wayBack(measureRpo, 'Measure what was lost on the way home'),
  wayBack(refreshPools, "Replace home's tasks that hold connections to dr"),
  wayBack(serveListener, "Switch home's load balancer listener to the live target group"),
  wayBack(proveStack, 'Prove home through its own address'),
  wayBack(takeDns, 'Take the DNS records home: customers are sent there again'),
  wayBack(awaitDns, "Wait until all of Route 53's servers answer with home"),
  wayBack(verifyGreen, 'Verify that customers are served by home: probe, traffic, alarms'),
  wayBack(standDown, 'Stand dr down to standby'),
  wayBack(resumeScaling, "Let home's auto scaling work again"),
  unlessStaying(confirmSteady),
]

const FLOWS = {
  full: defineFlow<SafeWorld>({
    name: 'drill',
    title: 'Full drill',
    steps: [drillGuards('full'), ...capacity, ...out, soak, goHome, ...back],
  }),
  capacity: defineFlow<SafeWorld>({
    name: 'drill',
    title: 'Capacity drill',
    steps: [drillGuards('capacity'), ...capacity, { ...standBy, title: 'Stand dr down again' }],
  }),
} as const satisfies Record<DrillScope, Flow<SafeWorld>>

/**
 * A planned move to dr, a soak, and the way home in one run, measured both ways; or, as *capacity*, dr scaled and proven
 * without moving a customer. Its world has no verb that could lose a write.
 */
export const drill = (scope: DrillScope): Flow<SafeWorld> => FLOWS[scope]

function wayBack(step: Step<SafeWorld>, title: string): Step<SafeWorld> {
  return unlessStaying(reversed(step, title))
}

/** Where somebody decided to stay on dr, the way back is not gone. */
function unlessStaying(step: Step<SafeWorld>): Step<SafeWorld> {
  return {
    ...step,
    observe: async (world) =>
      (await stays(world))
        ? { state: 'done', detail: 'not gone: somebody decided to stay on dr' }
        : step.observe(world),
  }
}
