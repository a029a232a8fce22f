import type { Bot } from '../app/compose.ts'
import { reconcile } from '../app/reconciling.ts'

/** Runs every minute or so: puts right what crashes left behind, and what Slack missed. Never rejects. */
export async function watch({ parts, announcer, log }: Bot): Promise<void> {
  await reconcile(parts).catch((error) => log('error', 'the reconciliation failed', { error }))
  await announcer.renderAll()
}
