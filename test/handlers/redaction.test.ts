import { afterEach, expect, test } from 'vitest'
import { hex } from '../../rehearsal/aws/world/random.ts'
import { Stage } from '../story/stage.ts'

let stage: Stage
afterEach(() => stage.close())

/** Everything in a request that must not get about: what is signed, what answers it, and with what. */
const inRequest = ({ body = '', headers = {} }: { body?: string | null; headers?: object | null }) => {
  const form = new URLSearchParams(Buffer.from(body ?? '', 'base64').toString() || (body ?? ''))
  const payload = JSON.parse(form.get('payload') ?? '{}') as Record<string, unknown>
  const signature = Object.entries(headers ?? {}).find(([name]) => /^x-slack-signature$/i.test(name))?.[1]
  return [
    ...['trigger_id', 'response_url', 'token'].flatMap((name) => form.get(name) ?? payload[name] ?? []),
    ...(signature ? [signature, String(signature).slice(3)] : []),
  ].map(String)
}

test('no line of a whole failover’s log holds a secret', async () => {
  stage = await Stage.homeIsDark({ metrics: true })
  const secrets = new Set<string>()
  const { send } = stage
  stage.send = (event) => {
    for (const secret of inRequest(event as never)) secrets.add(secret)
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
  const leaks = stage.lines.filter(
    (line) =>
      [...secrets].some((secret) => line.includes(secret)) ||
      /xox[a-z]-|xapp-|v0=[0-9a-f]{64}|hooks\.slack\.com\/\w|X-Amz-Security-Token|Signature=[0-9a-f]/i.test(
        line,
      ),
  )
  expect(leaks).toEqual([])
})
