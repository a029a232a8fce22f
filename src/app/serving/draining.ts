import { faultOf } from '../../engine/errors.ts'
import type { WorkItem } from '../../engine/ports.ts'
import { askOf } from '../../slack/asks.ts'
import { told } from '../../slack/views/told.ts'
import type { Bot } from '../compose.ts'
import { carryOutAsk } from '../desk/desk.ts'

/** Long enough for the slowest ask; an item whose worker died is claimed again after it. People's ms. */
const LEASE_MS = 60_000

/**
 * Claims and carries out every waiting work item, side by side, and answers whoever asked. Woken, never told what to
 * do; never rejects.
 */
export async function drain(bot: Bot, worker: string): Promise<void> {
  const { journal } = bot.parts
  const working: Promise<void>[] = []
  try {
    for (let item = await journal.claim(worker, LEASE_MS); item; item = await journal.claim(worker, LEASE_MS))
      working.push(carryOutItem(bot, item))
  } catch (error) {
    bot.log('error', 'the journal could not be asked for work', { error })
  }
  await Promise.all(working)
}

async function carryOutItem({ parts, announcer, log, stamp }: Bot, item: WorkItem): Promise<void> {
  const ask = askOf(item)
  try {
    const linkOf = announcer.link.bind(announcer)
    const answer = await carryOutAsk(parts, item, { linkOf, ...(stamp ? { stamp } : {}) })
    if (answer) await announcer.answer(ask, answer)
  } catch (error) {
    log('error', 'an ask could not be carried out', { kind: ask.kind, error })
    await announcer.answer(ask, told(faultOf(error), stamp))
  }
  await parts.journal
    .settle(item.id)
    .catch((error) => log('error', 'an item could not be settled', { item: item.id, error }))
}
