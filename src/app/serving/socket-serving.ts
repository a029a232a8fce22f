import { drError } from '../../engine/errors.ts'
import type { Clock } from '../../engine/ports.ts'
import { openPlans } from '../../plan/open.ts'
import { logTo } from '../../slack/log.ts'
import { SocketReceiver, type SocketState } from '../../slack/socket-receiver.ts'
import { openBackends } from '../backends.ts'
import type { Config } from '../config.ts'
import { secretsOf } from '../secrets.ts'
import { type FrontParts, frontApp } from './front.ts'
import { openServing } from './serving.ts'

/** The same front behind Socket Mode: not connected before it is started. */
export function composeSocketFront(
  config: Config,
  parts: FrontParts,
  onState: (state: SocketState) => void = () => {},
): SocketReceiver {
  const { people, log } = parts
  const { appId, apiUrl } = config.slack
  const secrets = secretsOf(config, { people, log })
  const receiver = new SocketReceiver({
    appToken: () => secrets.appToken(),
    appId,
    people,
    log,
    onState,
    ...(apiUrl ? { apiUrl } : {}),
  })
  frontApp(config, parts, { receiver, secrets })
  return receiver
}

export type ServedOverSocket = {
  readonly plans: readonly string[]
  readonly broken: readonly string[]
  /** Resolves with the first connection; rejects with CONFIG_INVALID where Slack does not take the token. */
  readonly connected: Promise<void>
  /** Takes nothing more, finishes the calls under way, keeps the rest for the next start. */
  close(): Promise<void>
}

/**
 * The whole bot in this process, over Socket Mode, on files of this machine. Runs that were under way go on at once,
 * whether or not Slack can be reached. `write` gets the lines of its log. Throws CONFIG_INVALID, STORE_IN_USE.
 */
export async function serveOverSocket(
  config: Config,
  given: {
    readonly clock: Clock
    readonly write: (line: string) => void
    readonly onState: (state: SocketState) => void
  },
): Promise<ServedOverSocket> {
  mustBeLocal(config)
  const { clock, write, onState } = given
  const log = logTo(write)
  const plans = openPlans(config.plans)
  const backends = await openBackends(config, { clock, people: clock, log })
  const { journal } = backends
  const serving = openServing(config, plans, backends)
  const receiver = composeSocketFront(
    config,
    { plans, journal, people: clock, log, wake: serving.wake },
    onState,
  )
  return {
    plans: plans.plans.map(({ name }) => name),
    broken: plans.broken.map(({ name }) => name),
    connected: receiver.start(),
    async close() {
      await receiver.stop()
      await serving.close()
      journal.close()
    },
  }
}

/** What runs on AWS is served there: two that carry out the same runs would have to agree on who does what. */
function mustBeLocal({ journal, engine, slack: { secrets } }: Config): void {
  const faults = [
    ...(journal.kind === 'sqlite' ? [] : ['UNDERSTUDY_JOURNAL: `serve` keeps its journal in a SQLite file']),
    ...(engine && engine.kind !== 'local' ? ['UNDERSTUDY_ENGINE: `serve` has an engine of its own'] : []),
    ...(secrets.kind === 'given' && !secrets.appToken
      ? ['SLACK_APP_TOKEN is not set: Socket Mode needs it']
      : []),
  ]
  if (faults.length) throw drError('CONFIG_INVALID', { faults })
}
