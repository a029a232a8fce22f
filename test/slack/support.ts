import { createHmac } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import {
  fold,
  type Proposal,
  type Question,
  type Recorded,
  type Run,
  type RunEvent,
} from '../../src/engine/run.ts'
import type { Plan } from '../../src/plan/schema.ts'
import type { HttpEvent } from '../../src/slack/receiver.ts'

export const START = Date.UTC(2026, 10, 21, 3, 0, 0)
export const SECRET = 'a-signing-secret'
export const APP = 'A0UNDERSTUDY'
export const TEAM = 'T0HOME'
export const CHANNEL = 'C0ORDERS'
export const [ANNA, BEN, CARLA, STRANGER] = ['U0ANNA', 'U0BEN', 'U0CARLA', 'U0STRANGER'] as const
export const PINS = { appId: APP, teamId: TEAM }

/** Only what the Slack side reads of a plan. */
export const orders = {
  name: 'orders',
  slack: {
    channel: CHANNEL,
    requesters: [ANNA, BEN],
    approvers: [ANNA, BEN],
    twoPeople: true,
    breakGlass: [CARLA],
  },
} as unknown as Plan

export const PLANS = {
  plans: [orders],
  broken: [{ name: 'ruined', faults: ['ruined.yaml:3:1 regions: is missing'] }],
}

export const proposal = (changes: Partial<Proposal> = {}): Proposal => ({
  plan: 'orders',
  flow: 'failover',
  title: 'Emergency failover of orders to us-west-2',
  input: { runId: 'run-1', plan: 'orders', mode: 'emergency' },
  steps: [
    { id: 'check-identity', title: 'Check accounts and target', irreversible: false },
    { id: 'ask-capacity', title: 'Ask for production capacity', irreversible: false },
    {
      id: 'promote',
      title: 'Promote the standby cluster to writer',
      irreversible: 'Writes not yet replicated to the standby are lost.',
    },
    { id: 'fence', title: 'Fence the old side', irreversible: false },
    { id: 'swap-dns', title: 'Point the record at the standby side', irreversible: false },
  ],
  facts: [
    { label: 'Mode', value: 'emergency', known: true },
    {
      label: 'To',
      value: 'us-west-2 (dr), arn:aws:rds:us-west-2:111122223333:cluster:orders-dr',
      known: true,
    },
    { label: 'Last lag known', value: '3.2 s, read 14 s ago; later writes may be lost too', known: true },
    { label: 'Writer', value: 'unknown', known: false },
  ],
  warnings: ['Home has given no answer for 1.5 s.'],
  calls: [
    {
      step: 'promote',
      service: 'RDS',
      operation: 'FailoverGlobalCluster',
      region: 'us-west-2',
      input: { GlobalClusterIdentifier: 'orders-global', AllowDataLoss: true },
    },
  ],
  binding: { mode: 'emergency' },
  hash: 'hash-1',
  requestedBy: ANNA,
  approvers: [ANNA, BEN],
  twoPeople: true,
  breakGlass: [CARLA],
  phrase: 'orders',
  channel: CHANNEL,
  expiresAt: START + 10 * 60_000,
  rtoTargetMinutes: 15,
  ...changes,
})

export const question = (changes: Partial<Question> = {}): Question => ({
  id: 'promote#1',
  step: 'promote',
  title: '“Promote the standby cluster to writer” needs a decision',
  detail: 'FailoverState has not moved for 5m 00s.',
  options: [
    { id: 'retry', label: 'Retry (looks first)', style: 'primary' },
    {
      id: 'detach',
      label: 'Detach',
      style: 'danger',
      explain: 'Removes the cluster from its global cluster.',
    },
    { id: 'skip', label: 'Skip with a reason', needsReason: true },
    { id: 'abort', label: 'Abort', style: 'danger' },
  ],
  ...changes,
})

/** Events to records, one second apart. */
export const recorded = (...events: readonly RunEvent[]): Recorded[] =>
  events.map((event, index) => ({
    runId: 'run-1',
    seq: index + 1,
    key: `k${index + 1}`,
    at: START + index * 1000,
    wall: START + index * 1000,
    event,
  }))

export const runOf = (...events: readonly RunEvent[]): Run => fold(recorded(...events)) as Run

export const approved: RunEvent = { type: 'approved', by: BEN, reason: 'home is dark' }
export const started: RunEvent = { type: 'started', execution: 'run-1' }
export const asked = (changes: Partial<Question> = {}): RunEvent => ({
  type: 'asked',
  question: question(changes),
  callbackId: 'callback-1',
})

export function journalAt(people: WorldClock, world: WorldClock = people): SqliteJournal {
  const file = join(mkdtempSync(join(tmpdir(), 'understudy-slack-')), 'journal.db')
  return new SqliteJournal({ file, clock: world, people })
}
export const clockAt = (ms = START) => manualClock(ms)

/** A signed request in the shape of an HTTP API v2 event. */
export function signed(
  body: string,
  options: { at?: number; secret?: string; type?: string; headers?: Record<string, string> } = {},
): HttpEvent & { headers: Record<string, string>; body: string } {
  const timestamp = String(Math.floor((options.at ?? START) / 1000))
  const mac = createHmac('sha256', options.secret ?? SECRET)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex')
  return {
    headers: {
      'Content-Type': options.type ?? 'application/x-www-form-urlencoded',
      'X-Slack-Request-Timestamp': timestamp,
      'X-Slack-Signature': `v0=${mac}`,
      ...options.headers,
    },
    body,
    isBase64Encoded: false,
    requestContext: { http: { method: 'POST' } },
  }
}

export const commandForm = (text: string, changes: Record<string, string> = {}): string =>
  new URLSearchParams({
    token: 'verification-token-1',
    team_id: TEAM,
    channel_id: CHANNEL,
    user_id: ANNA,
    command: '/dr',
    text,
    api_app_id: APP,
    is_enterprise_install: 'false',
    response_url: 'https://hooks.slack.com/commands/T0/1/secretpath',
    trigger_id: '111.222.triggersecret',
    ...changes,
  }).toString()

const payloadForm = (payload: unknown) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString()

const envelope = (user: string) => ({
  api_app_id: APP,
  token: 'verification-token-1',
  team: { id: TEAM, domain: 'home' },
  user: { id: user, name: 'somebody', team_id: TEAM },
  is_enterprise_install: false,
  enterprise: null,
  trigger_id: '111.222.triggersecret',
})

export const clickForm = (
  user: string,
  actionId: string,
  value: unknown,
  changes: Record<string, unknown> = {},
) =>
  payloadForm({
    ...envelope(user),
    type: 'block_actions',
    channel: { id: CHANNEL, name: 'orders' },
    container: { type: 'message', message_ts: '1.1', channel_id: CHANNEL },
    response_url: 'https://hooks.slack.com/actions/T0/1/secretpath',
    actions: [
      {
        type: 'button',
        action_id: actionId,
        block_id: 'b',
        value: typeof value === 'string' ? value : JSON.stringify(value),
      },
    ],
    ...changes,
  })

export const submitForm = (
  user: string,
  callbackId: string,
  metadata: unknown,
  values: Record<string, string>,
  changes: Record<string, unknown> = {},
) =>
  payloadForm({
    ...envelope(user),
    type: 'view_submission',
    view: {
      id: 'V1',
      type: 'modal',
      callback_id: callbackId,
      private_metadata: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
      state: {
        values: Object.fromEntries(
          Object.entries(values).map(([id, value]) => [id, { [id]: { type: 'plain_text_input', value } }]),
        ),
      },
    },
    ...changes,
  })
