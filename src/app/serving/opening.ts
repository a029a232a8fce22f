import { readCompiledPlans } from '../../plan/compiled.ts'
import { plansOf } from '../../plan/plans.ts'
import { openBackends } from '../backends.ts'
import { type Bot, compose } from '../compose.ts'
import { type Config, parseConfig } from '../config.ts'
import { wall } from '../wall.ts'
import type { Invocation, Lines } from './on-lambda.ts'

/** The bot of a Lambda function, out of its environment. Throws CONFIG_INVALID. */
export async function openBot(
  env: Readonly<Record<string, string | undefined>>,
  { log, metrics }: Pick<Lines, 'log' | 'metrics'>,
): Promise<{ readonly bot: Bot; readonly config: Config }> {
  const config = parseConfig(env)
  const backends = await openBackends(config, { clock: wall, people: wall, log })
  const plans = plansOf(readCompiledPlans(config.plans))
  return { bot: compose(config, plans, { ...backends, metrics }), config }
}

/** Slack's pacing and short troubles are waited out this long; the rest is the next one's. Milliseconds. */
const LINGER_MS = 25_000
/** What an invocation needs to end in good order. Milliseconds. */
const SPARE_MS = 5_000

/** How long an invocation may wait for Slack, ms: not long, as the table's stream waits for it. */
export const lingering = (invocation: Invocation): number => Math.min(LINGER_MS, leftOf(invocation))

/** How long an invocation may still work, ms. */
export const leftOf = (invocation: Invocation): number =>
  Math.max(0, invocation.getRemainingTimeInMillis() - SPARE_MS)
