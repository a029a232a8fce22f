import { afterEach, expect, test } from 'vitest'
import { hex } from '../../rehearsal/aws/world/random.ts'
import type { HttpEvent } from '../../src/slack/receiver.ts'
import { Stage } from '../story/stage.ts'

let stage: Stage
afterEach(() => stage.close())

/** Everything in a request that must not get about: what is signed, what answers it, and with what. */
function secretsIn({ body, headers }: HttpEvent): string[] {
  const sent = sentIn(body)
  const signature = Object.entries(headers ?? {}).find(([name]) => /^x-slack-signature$/i.test(name))?.[1]
  return [
    ...['trigger_id', 'response_url', 'token'].flatMap((name) => sent[name] ?? []),
    ...(signature ? [signature, signature.slice(3)] : []),
  ].map(String)
}

/** What Slack sent, read. */
function sentIn(body: HttpEvent['body']): Record<string, unknown> {
  const form = new URLSearchParams(Buffer.from(body ?? '', 'base64').toString())
  return JSON.parse(form.get('payload') ?? 'null') ?? Object.fromEntries(form)
}

const LOOKS_SECRET =
  /xox[a-z]-|xapp-|v0=[0-9a-f]{64}|hooks\.slack\.com\/\w|X-Amz-Security-Token|Signature=[0-9a-f]/i
const leaksIn = (lines: readonly string[], secrets: ReadonlySet<string>) =>
  lines.filter((line) => LOOKS_SECRET.test(line) || [...secrets].some((secret) => line.includes(secret)))

test('no line of a whole failover’s log holds a secret', async () => {
  stage = await Stage.homeIsDark({ metrics: true })
  const secrets = new Set<string>()
  const requests: HttpEvent[] = []
  const { send } = stage
  stage.send = (event) => {
    requests.push(event)
    for (const secret of secretsIn(event)) secrets.add(secret)
    return send.call(stage, event)
  }
  const { maya, jonas, priya } = stage
  const faults = stage.slack.bundled?.proxy.faults
  for (const kind of ['limited', 'down', 'cut', 'invalid_auth'])
    faults?.push({ method: 'chat.postMessage', kind, times: 1 })

  await priya.approves(await stage.asks(maya, '/dr failover orders emergency'))
  await stage.send({
    ...(await jonas.command('/dr status')),
    body: 'payload={"token":"leaked-verification"}',
  })
  const run = await stage.runWhen('is over, or asks', ({ phase }) => phase === 'ended' || phase === 'waiting')

  const { sessions } = stage.simulation.world.sts
  expect(sessions.length).toBeGreaterThan(0)
  for (const { accessKeyId } of sessions) {
    const key = accessKeyId.slice('ASIA'.length)
    for (const secret of [hex(`secret/${key}`, 40), hex(`token/${key}`, 64)]) secrets.add(secret)
  }
  for (const secret of [stage.secret, stage.slack.ids.token, 'leaked-verification']) secrets.add(secret)
  expect(secrets.size).toBeGreaterThan(12)

  // There is enough of a log for something to be in it.
  expect(stage.lines.filter((line) => line.includes(run.id)).length).toBeGreaterThan(20)
  expect(stage.lines.join()).toMatch(/Slack did not take a message/)
  expect(stage.lines.join()).toMatch(/a request was refused/)
  expect(leaksIn(stage.lines, secrets)).toEqual([])

  // What a slip of a developer would write: found by this very search if it were not taken out.
  const [request] = requests
  const slips = {
    body: sentIn(request?.body),
    headers: request?.headers,
    error: new Error(`not taken with ${stage.slack.ids.token}`),
    credentials: { secretAccessKey: [...secrets].find((secret) => secret.length === 40), token: 'x' },
  }
  expect(leaksIn([JSON.stringify(slips)], secrets)).toHaveLength(1)
  stage.bot.log('error', 'a slip', slips)
  expect(stage.lines.at(-1)).toContain('a slip')
  expect(leaksIn(stage.lines, secrets)).toEqual([])
})
