import { drillReminder } from '../slack/views/reminder.ts'
import type { Bot } from './compose.ts'
import { drain } from './draining.ts'
import { reconcile } from './reconciling.ts'
import { overdueDrills } from './reminding.ts'

/**
 * Runs every minute or so: puts right what crashes left behind (asks whose worker died among it), and what Slack
 * missed, and reminds of drills that are overdue. Never rejects.
 */
export async function watch(bot: Bot): Promise<void> {
  const { parts, announcer, log } = bot
  await reconcile(parts).catch((error) => log('error', 'the reconciliation failed', { error }))
  await drain(bot, 'watch')
  await remind(bot).catch((error) => log('error', 'nobody could be reminded of a drill', { error }))
  await announcer.renderAll().catch((error) => log('error', 'the runs could not be rendered', { error }))
}

async function remind({ parts, announcer, stamp }: Bot): Promise<void> {
  for (const { plan, key, lastDrill } of await overdueDrills(parts))
    await announcer.notice(plan.slack.channel, key, drillReminder(plan.name, lastDrill, stamp))
}
