import { type ClientOptions, Clients } from '../aws/clients.ts'
import { outside } from '../aws/outside.ts'
import type { Fetch } from '../aws/probe.ts'
import { recordCalls } from '../aws/recorder.ts'
import { durableHandler } from '../durable/host.ts'
import type { Clock, FlowEngine, Journal } from '../engine/ports.ts'
import type { Plans } from '../plan/plans.ts'
import type { Plan } from '../plan/schema.ts'
import { Announcer } from '../slack/announce.ts'
import { slackClient } from '../slack/client.ts'
import { readFile } from '../slack/files.ts'
import type { Log } from '../slack/log.ts'
import { carryOut } from './carrying.ts'
import type { Config } from './config.ts'
import { threadReport } from './histories.ts'
import type { Parts } from './parts.ts'
import type { FlowInput } from './worlds.ts'

/** A durable function's handler, waiting for the client its operations are kept by. */
export type DurableRun = (client?: DurableClient) => ReturnType<typeof durableHandler>
type DurableClient = NonNullable<NonNullable<Parameters<typeof durableHandler>[1]>['client']>

/** What differs between AWS, one machine and a test. */
export type Backends = {
  readonly journal: Journal
  readonly clock: Clock
  readonly people: Clock
  readonly engine: (run: DurableRun) => FlowEngine
  readonly log: Log
  /** How AWS and customers' addresses are reached; absent: over sockets, to AWS or the configuration's endpoints. */
  readonly reach?: { readonly clients: Omit<ClientOptions, 'people'>; readonly fetch: Fetch }
}

/** Everything behind the front, wired once. */
export type Bot = {
  readonly parts: Parts
  readonly announcer: Announcer
  readonly log: Log
  readonly stamp?: string
}

/** The composition root: the only place where AWS and Slack meet. Calls nobody. */
export function compose(config: Config, plans: Plans, backends: Backends): Bot {
  const { journal, clock, people, log, reach } = backends
  const { slack, stamp, endpoints } = config
  const clients = new Clients({
    people,
    ...(reach?.clients ?? (endpoints ? { endpoints, allowForeignEndpoints: true } : {})),
  })
  const parts: Parts = {
    plans,
    journal,
    engine: backends.engine((client) =>
      durableHandler<FlowInput>(
        (input, hostFor) => carryOut(parts, input, hostFor),
        client ? { client } : {},
      ),
    ),
    clock,
    people,
    outside: (plan: Plan) =>
      outside({ plan, clients, clock, people, ...(reach ? { fetch: reach.fetch } : {}) }),
    readFile: (file) =>
      readFile(file, { token: slack.token, ...(slack.apiUrl ? { apiUrl: slack.apiUrl } : {}) }),
    record: recordCalls,
    ...(stamp ? { rehearsal: true } : {}),
  }
  const announcer = new Announcer({
    client: slackClient({ token: slack.token, log, ...(slack.apiUrl ? { apiUrl: slack.apiUrl } : {}) }),
    journal,
    people,
    worldNow: () => clock.now(),
    log,
    reportOf: (run) => threadReport(parts, run),
    ...(stamp ? { stamp } : {}),
  })
  return { parts, announcer, log, ...(stamp ? { stamp } : {}) }
}
