import { describe, expect, test, vi } from 'vitest'
import { askOf } from '../../src/slack/asks.ts'
import { cold, FIRST, invocation, place } from './place.ts'

describe.each([{ dynamodb: false }, { dynamodb: true }])(
  'a request through a Function URL ($dynamodb)',
  (kind) => {
    test('is written down, the worker is woken, and it is answered', async () => {
      const at = await place(kind)
      const { handler } = await cold('front')
      const answer = await handler(at.command('status orders'), invocation('front'))
      expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('orders') })
      const item = await at.journal.claim('test', 1_000)
      expect(item && askOf(item)).toMatchObject({ kind: 'status', plan: 'orders' })
      await vi.waitFor(() => expect(at.invoked).toEqual([{ wake: true }]))
    })
  },
)

describe('a front that starts cold', () => {
  test('does its work while Slack is down', async () => {
    const at = await place()
    vi.stubEnv('SLACK_API_URL', 'http://127.0.0.1:9/api/')
    const { handler } = await cold('front')
    expect((await handler(at.command('status orders'), invocation('front'))).statusCode).toBe(200)
    expect(await at.journal.claim('test', 1_000)).toBeDefined()
  })

  test('does its work while nobody can be woken, and says so in the log', async () => {
    const at = await place()
    vi.stubEnv('UNDERSTUDY_WORKER', 'understudy-test-nobody')
    const { handler } = await cold('front')
    expect((await handler(at.command('status orders'), invocation('front'))).statusCode).toBe(200)
    expect(await at.journal.claim('test', 1_000)).toBeDefined()
    const said = at.lines.map((line) => JSON.parse(line)).find(({ said }) => /could not be woken/.test(said))
    expect(said).toMatchObject({
      level: 'warn',
      function: 'front',
      request: expect.stringMatching(/^request-/),
    })
  })

  test('with another environment than it needs says everything that is wrong, and no value', async () => {
    const at = await place()
    vi.stubEnv('UNDERSTUDY_SECRETS', 'vault:somewhere-secret')
    vi.stubEnv('UNDERSTUDY_JOURNAL', 'dynamodb:nowhere')
    vi.stubEnv('UNDERSTUDY_ENGINE', 'lambda:alone')
    vi.stubEnv('SLACK_BOT_TOKEN', 'xoxb-given-as-well')
    const { handler } = await cold('front')
    const failure = await handler(at.command('status'), invocation('front')).then(
      () => undefined,
      (error) => error as Error,
    )
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID' })
    for (const name of ['UNDERSTUDY_SECRETS', 'UNDERSTUDY_JOURNAL', 'UNDERSTUDY_ENGINE', 'SLACK_BOT_TOKEN'])
      expect(failure?.message).toContain(name)
    expect(failure?.message).not.toMatch(/nowhere|somewhere|alone|xoxb/)
  })
})

describe('secrets that rotate while the front is warm', () => {
  test('a request signed with the new one is taken, one with a forged one is not', async () => {
    const at = await place()
    const { handler } = await cold('front')
    const status = async (secret: string) =>
      (await handler(at.command('status orders', secret), invocation('front'))).statusCode
    expect(await status(FIRST)).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    await at.keep('signing-secret', `${FIRST},second-signing-secret`)
    expect(await status('second-signing-secret')).toBe(200)
    expect(await status(FIRST)).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    await at.keep('signing-secret', 'second-signing-secret')
    expect(await status('a-guess')).toBe(401)
    expect(await status(FIRST)).toBe(401)
    expect(await status('second-signing-secret')).toBe(200)
    vi.useRealTimers()
    expect(at.lines.join()).not.toMatch(/signing-secret/)
  })

  test('a store that gives no answer any more does not matter for a while', async () => {
    const at = await place()
    const { handler } = await cold('front')
    await handler(at.command('status orders'), invocation('front'))
    at.simulation.addFault({ service: 'SSM', kind: 'internal', times: 100 })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 })
    expect((await handler(at.command('status orders'), invocation('front'))).statusCode).toBe(200)
    vi.useRealTimers()
    expect(at.lines.join()).toContain('the secrets could not be read again; those known are used')
  })
})
