import { defineFlow, type Flow, type Step } from '../engine/step.ts'
import type { Branch } from './choice.ts'
import { reversed } from './reversed.ts'
import { approveDeletion } from './steps/approve-deletion.ts'
import { askForCapacity } from './steps/ask-for-capacity.ts'
import { awaitCapacity } from './steps/await-capacity.ts'
import { awaitDns } from './steps/await-dns.ts'
import { awaitRemoval } from './steps/await-removal.ts'
import { awaitResync } from './steps/await-resync.ts'
import { checkBothSides } from './steps/check-both-sides.ts'
import { checkRegionWell } from './steps/check-region-well.ts'
import { checkWayHome } from './steps/check-way-home.ts'
import { confirmSteady } from './steps/confirm-steady.ts'
import { createGlobal, deleteEmptyGlobal, unprotectEmptyGlobal } from './steps/create-global.ts'
import { deleteStale } from './steps/delete-stale.ts'
import { fenceStale } from './steps/fence-stale.ts'
import { measureRpo } from './steps/measure-rpo.ts'
import { noteNewestWrite } from './steps/note-newest-write.ts'
import { proveReadOnly } from './steps/prove-read-only.ts'
import { proveStack } from './steps/prove-stack.ts'
import { quiesceWriters } from './steps/quiesce-writers.ts'
import { reconcile } from './steps/reconcile.ts'
import { addInstance, recreateStandby } from './steps/recreate-standby.ts'
import { refreshPools } from './steps/refresh-pools.ts'
import { rescueLostWrites } from './steps/rescue-lost-writes.ts'
import { resumeScaling } from './steps/resume-scaling.ts'
import { serveListener } from './steps/serve-listener.ts'
import { settleLostWrites } from './steps/settle-lost-writes.ts'
import { snapshotServing } from './steps/snapshot-serving.ts'
import { snapshotStale } from './steps/snapshot-stale.ts'
import { standBy, standDown } from './steps/stand-down.ts'
import { switchOverSafely } from './steps/switch-over.ts'
import { takeDns } from './steps/take-dns.ts'
import { verifyGreen } from './steps/verify-green.ts'
import type { SafeWorld } from './world.ts'

/** Home follows and can take over: everything that can be is done before customers wait, as in a planned failover. */
const home: readonly Step<SafeWorld>[] = [
  checkBothSides,
  askForCapacity,
  awaitCapacity,
  proveReadOnly,
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
  standDown,
  resumeScaling,
  reconcile,
  confirmSteady,
]

/** AWS has put the old cluster back into the global one, or is about to: deleting it would be the disaster. */
const fast: readonly Step<SafeWorld>[] = [
  checkWayHome,
  checkRegionWell,
  rescueLostWrites,
  addInstance,
  awaitResync,
  settleLostWrites,
  ...home,
]

/** The old cluster will never follow again: it is kept in snapshots, deleted, and built anew. */
const rebuild: readonly Step<SafeWorld>[] = [
  checkWayHome,
  checkRegionWell,
  rescueLostWrites,
  fenceStale,
  snapshotStale,
  snapshotServing,
  settleLostWrites,
  approveDeletion,
  ...deleteStale,
  unprotectEmptyGlobal,
  deleteEmptyGlobal,
  createGlobal,
  recreateStandby,
  awaitResync,
  ...home,
]

/** Home serves and goes on serving; dr is made its standby again. What is stale in dr is removed by a person. */
const repair: readonly Step<SafeWorld>[] = [
  checkWayHome,
  checkRegionWell,
  rescueLostWrites,
  fenceStale,
  snapshotStale,
  settleLostWrites,
  awaitRemoval,
  createGlobal,
  recreateStandby,
  awaitResync,
  standBy,
  reversed(resumeScaling, 'Let auto scaling at home work again'),
  reconcile,
  confirmSteady,
]

const BRANCHES = {
  fast: defineFlow({ name: 'failback', title: 'Failback', steps: fast }),
  rebuild: defineFlow({ name: 'failback', title: 'Failback with a rebuild', steps: rebuild }),
  repair: defineFlow({ name: 'failback', title: 'Repair of the standby', steps: repair }),
} as const satisfies Record<Branch, Flow<SafeWorld>>

/**
 * The way back to *steady*: home serves, dr stands by. Its world has no verb that could lose a write: a forced failover
 * or a detach does not type-check in any of its steps.
 */
export const failback = (branch: Branch): Flow<SafeWorld> => BRANCHES[branch]
