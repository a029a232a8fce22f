import type { Bot } from '../compose.ts'
import { pause } from '../runs/prober.ts'
import { drain } from './draining.ts'

/** How often a process that waits for Slack looks whether there is more to do, people's ms. */
const LOOK_EVERY_MS = 1_000

/**
 * For a process that is frozen between its invocations: carries out what waits, writes what runs owe to Slack, and waits
 * for what Slack does not take at once, `ms` of people's time at most; then nothing follows by itself. What is still owed
 * is the next one's. `beside` is done whenever it looks. Never rejects.
 */
export async function tend(
  bot: Bot,
  worker: string,
  ms: number,
  beside: () => Promise<unknown> = async () => {},
): Promise<void> {
  const { announcer, log, parts } = bot
  const until = parts.people.now() + ms
  const show = () =>
    announcer.renderAll().catch((error) => log('error', 'the runs could not be rendered', { error }))
  await drainAndShow(bot, worker, show)
  for (;;) {
    await beside()
    await show()
    const owed = announcer.owedIn()
    const left = until - parts.people.now()
    if (owed === undefined || left <= 0) break
    await pause(parts.people, Math.min(owed, left, LOOK_EVERY_MS))
    await drain(bot, worker)
  }
  await announcer.still()
}

/** An ask that takes its time holds up no board. */
async function drainAndShow(bot: Bot, worker: string, show: () => Promise<void>): Promise<void> {
  const done = new AbortController()
  const working = drain(bot, worker).finally(() => done.abort())
  while (!done.signal.aborted) {
    await pause(bot.parts.people, LOOK_EVERY_MS, done.signal)
    if (!done.signal.aborted) await show()
  }
  await working
}
