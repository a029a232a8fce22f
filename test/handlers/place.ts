import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { onTestFinished, vi } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { realClock } from '../../rehearsal/clock.ts'
import { makeJournalTable, serveDynamo } from '../../rehearsal/dynamo.ts'
import { writePlans } from '../../rehearsal/plans.ts'
import { parts as roles } from '../../rehearsal/slack/cast.ts'
import { openSlack } from '../../rehearsal/slack/open.ts'
import { parseConfig } from '../../src/app/config.ts'
import { openJournal } from '../../src/app/journals.ts'
import type { Proposal, RunEvent } from '../../src/engine/run.ts'
import { compilePlans } from '../../src/plan/compiled.ts'
import { loadPlans } from '../../src/plan/loader.ts'
import { signed, proposal as support } from '../slack/support.ts'

export const REGION = 'us-west-2'
export const WORKER = 'understudy-test-worker'
export const RUN = 'understudy-test-run'
const TABLE = 'understudy-test'
const PATH = '/understudy/test'
const SHIPPED = join(import.meta.dirname, '../../plans')
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL', AWS_SECRET_ACCESS_KEY: 'the-secret-key-of-the-place' }
const TOKEN = 'xoxb-token-of-the-place'
export const FIRST = 'first-signing-secret'

type Invoked = Readonly<Record<string, unknown>>
export type Place = Awaited<ReturnType<typeof place>>

/**
 * Where functions run in a test: the simulated AWS over sockets, the bundled Slack, a journal, the secrets in Parameter
 * Store, and the environment that tells a handler of all of them. Time is the wall's.
 */
export async function place({ dynamodb = false }: { dynamodb?: boolean } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'understudy-handlers-'))
  const clock = realClock()
  const simulation = simulate({ clock, seed: 1 })
  const aws = await simulation.listen({ port: 0 })
  const slack = await openSlack({}, { signing: FIRST, token: TOKEN }, () => '')
  const dynamo = dynamodb ? await serveDynamo() : undefined
  if (dynamo) await makeJournalTable(dynamo.endpoint, TABLE)

  writePlans(SHIPPED, join(dir, 'plans'), { channel: slack.ids.channel, ...roles }, (name) =>
    name === 'orders' ? simulation.ids(name) : undefined,
  )
  writeFileSync(join(dir, 'plans.json'), compilePlans(loadPlans(join(dir, 'plans'))))
  const own = { lambda: aws.url, ssm: aws.url, secretsmanager: aws.url }
  const env = {
    ...KEYS,
    UNDERSTUDY_SECRETS: `ssm:${REGION}${PATH}`,
    SLACK_APP_ID: slack.ids.appId,
    SLACK_TEAM_ID: slack.ids.teamId,
    SLACK_API_URL: slack.ids.api ?? '',
    UNDERSTUDY_PLANS: join(dir, 'plans.json'),
    UNDERSTUDY_JOURNAL: dynamo ? `dynamodb:${REGION}/${TABLE}` : join(dir, 'journal.db'),
    UNDERSTUDY_ENGINE: `lambda:arn:aws:lambda:${REGION}:111122223333:function:${RUN}:durable`,
    UNDERSTUDY_WORKER: WORKER,
    UNDERSTUDY_STAMP: 'SIMULATED',
    UNDERSTUDY_AWS_ENDPOINTS: JSON.stringify({
      ...aws.regions,
      ...own,
      ...(dynamo ? { dynamodb: dynamo.endpoint } : {}),
    }),
    AWS_REGION: REGION,
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const ssm = new SSMClient({ region: REGION, endpoint: aws.url })
  const keep = (name: string, value: string) =>
    ssm.send(
      new PutParameterCommand({
        Name: `${PATH}/${name}`,
        Value: value,
        Type: 'SecureString',
        Overwrite: true,
      }),
    )
  await keep('signing-secret', FIRST)
  await keep('bot-token', TOKEN)

  const journal = await openJournal(parseConfig(process.env), { clock, people: clock })
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
  const invoked: Invoked[] = []
  const deploy = (name: string, invoke: (event: Invoked) => Promise<unknown>, durable = false) =>
    simulation.functions.deploy({
      region: REGION,
      name,
      aliases: durable ? ['durable'] : [],
      ...(durable ? { durable: { executionTimeoutSeconds: 600, retentionDays: 1 } } : {}),
      invoke: async ({ payload }) => JSON.stringify((await invoke(JSON.parse(payload))) ?? null),
    })
  deploy(WORKER, async (event) => void invoked.push(event))

  onTestFinished(async () => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
    journal.close()
    ssm.destroy()
    await slack.close()
    await aws.close()
    await dynamo?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const { channel } = slack.ids
  return {
    simulation,
    slack,
    journal,
    lines,
    invoked,
    deploy,
    keep,
    env,
    posted: () => slack.bundled?.room.messages ?? [],
    /** A proposal as the worker writes it, and whatever happened since. */
    async proposes(
      runId: string,
      changes: Partial<Proposal> = {},
      ...events: (readonly [string, RunEvent])[]
    ) {
      const proposal = support({ channel, expiresAt: Date.now() + 600_000, ...changes })
      await journal.append(runId, 'proposed', { type: 'proposed', proposal })
      for (const [key, event] of events) await journal.append(runId, key, event)
    },
    /** A slash command, as a Function URL hands it over. */
    command(text: string, secret = FIRST) {
      const [user] = roles.requesters
      const body = new URLSearchParams({
        command: '/dr',
        text,
        team_id: slack.ids.teamId,
        api_app_id: slack.ids.appId,
        channel_id: channel,
        user_id: user ?? '',
        is_enterprise_install: 'false',
        response_url: 'https://hooks.slack.com/commands/T0/1/secretpath',
        trigger_id: `111.222.trigger-${Math.random()}`,
      }).toString()
      const { headers, ...request } = signed(body, { at: Date.now(), secret })
      const http = {
        method: 'POST',
        path: '/',
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'Slackbot',
      }
      return {
        version: '2.0',
        routeKey: '$default',
        rawPath: '/',
        rawQueryString: '',
        ...request,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        requestContext: { accountId: 'anonymous', apiId: 'x', http, stage: '$default' },
      }
    },
  }
}

let requests = 0
/** The context of an invocation that has so long to live, ms. */
export const invocation = (functionName: string, leftMs = 60_000) => {
  const end = Date.now() + leftMs
  return {
    functionName,
    awsRequestId: `request-${++requests}`,
    getRemainingTimeInMillis: () => end - Date.now(),
  }
}

/** A fresh execution environment: nothing of an earlier one is known to it. */
export async function cold<Name extends 'front' | 'worker' | 'watch' | 'run'>(name: Name) {
  vi.resetModules()
  const modules = {
    front: () => import('../../src/handlers/front.ts'),
    worker: () => import('../../src/handlers/worker.ts'),
    watch: () => import('../../src/handlers/watch.ts'),
    run: () => import('../../src/handlers/run.ts'),
  }
  return (await modules[name]()) as Awaited<ReturnType<(typeof modules)[Name]>>
}

/** A batch of the journal table's stream, as its event source mapping delivers it. */
export const streamOf = (...keys: readonly (readonly [pk: string, sk: string])[]) => ({
  Records: keys.map(([pk, sk], index) => ({
    eventID: `event-${index}`,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: REGION,
    dynamodb: {
      Keys: { pk: { S: pk }, sk: { S: sk } },
      SequenceNumber: String(index),
      SizeBytes: 42,
      StreamViewType: 'KEYS_ONLY',
    },
    eventSourceARN: `arn:aws:dynamodb:${REGION}:111122223333:table/${TABLE}/stream/2026-11-21T00:00:00.000`,
  })),
})
