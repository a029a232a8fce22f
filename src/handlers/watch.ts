import type { Bot } from '../app/compose.ts'
import { reconcile } from '../app/reconciling.ts'
import { drain } from './worker.ts'

/**
 * Runs every minute or so: puts right what crashes left behind (asks whose worker died among it), and what Slack
 * missed. Never rejects.
 */
export async function watch(bot: Bot): Promise<void> {
  const { parts, announcer, log } = bot
  await reconcile(parts).catch((error) => log('error', 'the reconciliation failed', { error }))
  await drain(bot, 'watch')
  await announcer.renderAll().catch((error) => log('error', 'the runs could not be rendered', { error }))
}
