import { randomUUID } from 'node:crypto'
import { recordCalls } from '../aws/recorder.ts'
import type { HostDeps } from '../durable/host.ts'
import type { Host } from '../engine/host.ts'
import type { Clock, FlowEngine, Journal } from '../engine/ports.ts'
import type { Plans } from '../plan/plans.ts'
import { Announcer } from '../slack/announce.ts'
import { slackClient } from '../slack/client.ts'
import { readFile } from '../slack/files.ts'
import type { Log } from '../slack/log.ts'
import { awsSide, type Reach } from './aws-side.ts'
import type { Config } from './config.ts'
import { threadReport } from './desk/histories.ts'
import type { Parts } from './parts.ts'
import { carryOut } from './runs/carrying.ts'
import type { Metrics } from './runs/metrics.ts'
import { observed } from './runs/observing.ts'
import type { FlowInput } from './runs/worlds.ts'
import { secretsOf } from './secrets.ts'

/** Carries a run out, for whatever durable handler calls it. */
export type DurableRun = (input: FlowInput, hostFor: (deps: HostDeps) => Host) => Promise<unknown>

/** What differs between AWS, one machine and a test. */
export type Backends = {
  readonly journal: Journal
  readonly clock: Clock
  readonly people: Clock
  readonly engine: (run: DurableRun) => FlowEngine
  readonly log: Log
  /** Where figures go; with it, what happens to runs is logged as well. Absent: nowhere. */
  readonly metrics?: Metrics
  /** Who this process is to others; by chance, unless a test says. */
  readonly holder?: string
  /** How AWS and customers' addresses are reached; absent: over sockets, to AWS or the configuration's endpoints. */
  readonly reach?: Reach
}

/** Everything behind the front, wired once. */
export type Bot = {
  readonly parts: Parts
  readonly announcer: Announcer
  readonly log: Log
  readonly metrics?: Metrics
  readonly stamp?: string
}

/** The composition root: the only place where AWS and Slack meet. Calls nobody. */
export function compose(config: Config, plans: Plans, backends: Backends): Bot {
  const { clock, people, log, metrics, reach, holder = randomUUID() } = backends
  const now = () => clock.now()
  const journal = metrics ? observed(backends.journal, { log, metrics, now }) : backends.journal
  const { slack, stamp } = config
  const secrets = secretsOf(config, { people, log })
  const at = slack.apiUrl ? { apiUrl: slack.apiUrl } : {}
  const aws = awsSide(config, { clock, people, ...(reach ? { reach } : {}) })
  const parts: Parts = {
    plans,
    journal,
    engine: backends.engine((input, hostFor) => carryOut(parts, input, hostFor)),
    clock,
    people,
    outside: aws.outside,
    readFile: async (file) => readFile(file, { token: await secrets.token(), ...at }),
    caller: aws.caller,
    record: recordCalls,
    ...(stamp ? { rehearsal: true } : {}),
  }
  const announcer = new Announcer({
    client: slackClient({
      secrets,
      log,
      failed: (method) => metrics?.({ SlackFailed: [1, 'Count'] }, {}, { method }),
      ...at,
    }),
    journal,
    holder,
    people,
    worldNow: now,
    log,
    reportOf: (run) => threadReport(parts, run),
    ...(stamp ? { stamp } : {}),
  })
  return { parts, announcer, log, ...(metrics ? { metrics } : {}), ...(stamp ? { stamp } : {}) }
}
