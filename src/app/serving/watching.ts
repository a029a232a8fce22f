import { duration } from '../../engine/duration.ts'
import { drillReminder } from '../../slack/views/reminder.ts'
import type { Bot } from '../compose.ts'
import { reconcile } from '../runs/reconciling.ts'
import { overdueDrills } from '../runs/reminding.ts'
import { stuckRuns } from '../runs/stuck.ts'
import { drain } from './draining.ts'

/**
 * Runs every minute or so: puts right what crashes left behind (asks whose worker died among it), and what Slack
 * missed, and reminds of drills that are overdue. Never rejects.
 */
export async function watch(bot: Bot): Promise<void> {
  const { announcer, log } = bot
  await lookAround(bot)
  await drain(bot, 'watch')
  await announcer.renderAll().catch((error) => log('error', 'the runs could not be rendered', { error }))
}

/** The same but for the work that waits, and for Slack: whoever calls it goes on with these. Never rejects. */
export async function lookAround(bot: Bot): Promise<void> {
  const { parts, log, metrics } = bot
  const did = (what: string, work: Promise<void>) =>
    work.then(
      () => true,
      (error) => {
        log('error', `${what} failed`, { error })
        return false
      },
    )
  const reconciled = await did('the reconciliation', reconcile(parts))
  const looked = await did('the look for stuck runs', tellOfStuck(bot))
  await did('the reminder of a drill', remind(bot))
  // A watch that could not read the journal has watched nothing: then the alarm is to ring.
  if (reconciled && looked) metrics?.({ WatchRan: [1, 'Count'] }, {})
}

async function tellOfStuck({ parts, log, metrics }: Bot): Promise<void> {
  if (!metrics) return
  const now = parts.clock.now()
  for (const { run, why, step, since } of await stuckRuns(parts.journal, now)) {
    const { plan } = run.proposal
    const where = { run: run.id, plan, ...(step ? { step } : {}) }
    log('warn', 'a run does not go on', { ...where, why, for: duration(now - since) })
    metrics({ RunStuck: [1, 'Count'] }, { plan }, { run: run.id, why })
  }
}

async function remind({ parts, announcer, stamp }: Bot): Promise<void> {
  for (const { plan, key, lastDrill } of await overdueDrills(parts))
    await announcer.notice(plan.slack.channel, key, drillReminder(plan.name, lastDrill, stamp))
}
