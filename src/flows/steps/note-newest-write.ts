import { defineStep } from '../../engine/step.ts'
import { lagText, whyUnseen } from '../seen.ts'
import { freshLag } from '../topology.ts'
import type { SafeWorld } from '../world.ts'

/**
 * What the loss of a move is measured by, right before customers are made to wait: the newest row the side that is left
 * has acknowledged, where the plan has a heartbeat, and the lag with its age, where that is all there is.
 */
export const noteNewestWrite = defineStep<SafeWorld>({
  id: 'note-newest-write',
  title: 'Note the newest write and the lag, to measure by',
  timeoutMinutes: 1,
  bestEffort: true,

  async observe({ heartbeat, database, notes, now, from, to }) {
    const [row, lag] = await Promise.all([heartbeat.read(from), database.lag(to)])
    const reading = freshLag(lag)
    if (reading) await notes.set('lag-at-switch', JSON.stringify({ ...reading, notedAt: now() }))
    const said = `lag ${lagText(lag, now())}`
    if (!row.ok)
      return { state: 'unknown', detail: `no heartbeat row of ${from}: ${whyUnseen(row)}; ${said}` }
    if (row.value === 'absent')
      return { state: 'done', detail: `the plan has no heartbeat, so the loss is an estimate: ${said}` }
    if (row.value === 'none') return { state: 'unknown', detail: `${from} has no heartbeat row; ${said}` }
    const { writtenAt } = row.value
    await notes.set('newest-write', String(writtenAt))
    return { state: 'done', detail: `newest row of ${from} written ${clockTime(writtenAt)}; ${said}` }
  },
})

const clockTime = (at: number) => new Date(at).toISOString().slice(11, 23)
