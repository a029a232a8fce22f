import { duration } from '../../engine/duration.ts'
import { defineStep } from '../../engine/step.ts'
import { notedTime } from '../notes.ts'
import { whyUnseen } from '../seen.ts'
import type { SafeWorld } from '../world.ts'

/** Noted right before the writers stop; a move that was put off and tried again later has newer rows to lose. */
const TOO_OLD_MS = 15 * 60_000

/**
 * What the move has lost, measured where the plan has a heartbeat: the newest row that the old side had acknowledged
 * before the move against the newest one that the new side has right after it.
 */
export const measureRpo = defineStep<SafeWorld>({
  id: 'measure-rpo',
  title: 'Measure what was lost',
  timeoutMinutes: 1,
  bestEffort: true,

  async observe(world) {
    const { heartbeat, notes, now, to } = world
    const newest = await notes.get('newest-write')
    if (newest === undefined)
      return { state: 'done', detail: 'no heartbeat row was read before the move: the loss is an estimate' }
    const row = await heartbeat.read(to)
    if (!row.ok) return { state: 'unknown', detail: `no heartbeat row of ${to}: ${whyUnseen(row)}` }
    if (row.value === 'absent') return { state: 'done', detail: 'the plan has no heartbeat' }
    if (row.value === 'none') return { state: 'unknown', detail: `${to} has no heartbeat row` }
    const promotedAt = await notedTime(world, 'promoted-at')
    if (now() - Number(newest) > TOO_OLD_MS)
      return {
        state: 'done',
        detail: `the row noted before the move is ${duration(now() - Number(newest))} old: the loss is an estimate`,
      }
    if (promotedAt !== undefined && row.value.writtenAt > promotedAt)
      return { state: 'done', detail: `${to} has a row written since, so what came before is an estimate` }
    const lost = Math.max(0, Number(newest) - row.value.writtenAt)
    await notes.set('rpo', String(lost))
    return {
      state: 'done',
      detail: lost
        ? `rows of ${duration(lost)} are missing in ${to}`
        : `every row that was acknowledged before is in ${to}`,
    }
  },
})
