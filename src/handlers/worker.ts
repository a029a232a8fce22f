import type { Bot } from '../app/compose.ts'
import { carryOutAsk } from '../app/desk.ts'
import { faultOf } from '../engine/errors.ts'
import { askOf } from '../slack/asks.ts'
import { told } from '../slack/views/told.ts'

/** Long enough for the slowest ask; an item whose worker died is claimed again after it. People's ms. */
const LEASE_MS = 60_000

/** Claims and carries out every waiting work item, and answers whoever asked. Woken, never told what to do. */
export async function drain({ parts, announcer, log, stamp }: Bot, worker: string): Promise<void> {
  for (
    let item = await parts.journal.claim(worker, LEASE_MS);
    item;
    item = await parts.journal.claim(worker, LEASE_MS)
  ) {
    const ask = askOf(item)
    try {
      const answer = await carryOutAsk(parts, item, stamp)
      if (answer) await announcer.answer(ask, answer)
    } catch (error) {
      log('error', 'an ask could not be carried out', { kind: ask.kind, error })
      await announcer.answer(ask, told(faultOf(error)))
    }
    await parts.journal.settle(item.id)
  }
}
