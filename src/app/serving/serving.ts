import type { Plans } from '../../plan/plans.ts'
import type { OpenBackends, OpenEngine } from '../backends.ts'
import { type Bot, compose } from '../compose.ts'
import type { Config } from '../config.ts'
import { proberOf } from '../runs/prober.ts'
import { drain } from './draining.ts'
import { watch } from './watching.ts'

/** How often what crashes left behind and what Slack missed is looked for, in people's ms. */
const WATCH_MS = 10_000
/** Events that come together are answered by one look. */
const GATHER_MS = 25

/** Everything behind a front of the same process: `close` ends it, in order, and leaves the journal open. */
export type Serving = {
  readonly bot: Bot
  /** Tells the worker that there is something to claim. */
  wake(): void
  close(): Promise<void>
}

/**
 * The bot as one long-lived process: what worker, run, watch and prober are on AWS, woken by every change of the journal
 * and by people's clock. What was under way when the last process ended goes on at once.
 */
export function openServing(config: Config, plans: Plans, backends: OpenBackends): Serving {
  const { journal, people } = backends
  const own: { engine?: OpenEngine } = {}
  const bot = compose(config, plans, {
    ...backends,
    engine(run) {
      own.engine = backends.engine(run)
      return own.engine
    },
  })
  const worker = `bot-${process.pid}`
  // A slow answer must hold up neither the next ask nor the board, nor Slack's slowness an ask.
  const wake = () => void drain(bot, worker)
  const show = gathered(GATHER_MS, () => bot.announcer.renderAll())
  const prober = proberOf(bot.parts)
  const probe = () => void prober.look()
  const stopListening = [journal.onChange(wake), journal.onChange(show), journal.onChange(probe)]
  own.engine?.recover?.()
  let cancel = () => {}
  const watchOn = () => {
    void watch(bot)
    cancel = people.after(WATCH_MS, watchOn)
  }
  watchOn()
  wake()
  probe()
  return {
    bot,
    wake,
    async close() {
      cancel()
      for (const stop of stopListening) stop()
      bot.announcer.close()
      await prober.close()
      await own.engine?.close?.()
    },
  }
}

/** Calls `work` soon after the first call, and once more when calls came while it was at work. */
function gathered(ms: number, work: () => Promise<unknown>): () => void {
  let state: 'idle' | 'waiting' | 'working' | 'again' = 'idle'
  const begin = () => {
    state = 'waiting'
    setTimeout(async () => {
      state = 'working'
      await work()
      const again = (state as string) === 'again'
      state = 'idle'
      if (again) begin()
    }, ms)
  }
  return () => {
    if (state === 'idle') begin()
    else if (state === 'working') state = 'again'
  }
}
