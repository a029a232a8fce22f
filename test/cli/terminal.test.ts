import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, pictureOf, type Started, startRehearsal, stateDir, stop } from '../rehearsal/start.ts'

const { dir, remove } = stateDir()
let started: Started
beforeAll(async () => {
  started = await startRehearsal(['--state-dir', dir, '--seed', '5'])
})
afterAll(async () => {
  await stop(started)
  remove()
})

function understudy(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return ended(spawnSync(process.execPath, ['src/cli/main.ts', ...args], spawning(env)))
}
const spawning = (env: NodeJS.ProcessEnv = {}) =>
  ({ encoding: 'utf8', env: { ...process.env, ...env } }) as const
function ended(ran: SpawnSyncReturns<string>) {
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}
const rehearsing = (...args: string[]) => understudy(['--rehearsal', dir, ...args])

describe('the terminal in a rehearsal', () => {
  test('shows all plans, one plan, and both as one JSON object', () => {
    const words = ['run', '--silent', 'understudy', '--', '--rehearsal', dir, 'status']
    const all = ended(spawnSync('npm', words, spawning()))
    expect(all).toMatchObject({ code: 0, out: expect.stringContaining('orders: STEADY') })
    expect(rehearsing('status', 'billing').out).toContain('us-west-2 (dr, standby)')
    expect(JSON.parse(rehearsing('status', 'orders', '--json').out)).toMatchObject({
      plan: 'orders',
      topology: { active: 'home' },
    })
  })

  test('uses the rehearsal alone, whatever AWS the environment names', () => {
    const env = { AWS_PROFILE: 'production', AWS_ENDPOINT_URL: 'http://203.0.113.1:9' }
    expect(understudy(['--rehearsal', dir, 'status', 'orders'], env).code).toBe(0)
  })

  test('a dry run changes nothing', () => {
    const { code, out } = rehearsing('failover', 'orders', 'planned', '--dry-run')
    expect(code).toBe(0)
    expect(out).toMatch(
      /RDS:SwitchoverGlobalCluster in us-east-1: arn:aws:rds:us-west-2:111122223333:cluster:orders-dr/,
    )
    expect(rehearsing('runs').out).toContain('Nothing is running')
  })

  test('a failover is put to the approvers in Slack, and shows among the runs', async () => {
    const { code, out } = rehearsing('failover', 'orders', 'planned', '--json')
    expect(code).toBe(0)
    const { run } = JSON.parse(out)
    expect(run).toMatchObject({ phase: 'proposed', proposal: { requestedBy: 'U0MAYACHEN' } })
    const card = await eventually('the card', async () =>
      (await pictureOf(started.contract)).channel?.messages.find(({ text }) =>
        text.includes('needs approval'),
      ),
    )
    expect(JSON.stringify(card)).toContain(run.id)
    expect(JSON.parse(rehearsing('runs', '--json').out).runs).toMatchObject([{ id: run.id }])
  })

  test.each([
    ['an unknown flag', ['status', '--bogus'], 2, 'there is no flag --bogus'],
    ['an unknown command', ['statsu'], 2, 'did you mean “status”'],
    ['a run without an id', ['approve'], 2, 'approve: it needs the id of one run'],
    ['a run that nobody knows', ['watch', 'fo-orders-1'], 2, 'There is no run fo-orders-1'],
    ['a failover of nothing', ['failover'], 2, 'needs the name of a plan'],
    ['an unknown plan', ['status', 'nope'], 2, 'The plans are: billing, orders.'],
    ['somebody who may not ask', ['failover', 'orders', '--as', 'U0SAMSTONE'], 3, 'You may not ask'],
  ])('%s is answered with its exit code and a sentence', (_what, args, code, sentence) => {
    const ran = rehearsing(...args)
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toContain(sentence)
    const { out } = rehearsing(...args, '--json')
    expect(JSON.parse(out)).toHaveProperty('error')
  })
})

test('without a rehearsal it says all that is missing; with one that does not run, how to start it', () => {
  const bare = understudy(['status'], { UNDERSTUDY_PLANS: '', UNDERSTUDY_JOURNAL: '' })
  expect(bare.code).toBe(2)
  for (const part of ['UNDERSTUDY_PLANS', 'UNDERSTUDY_JOURNAL']) expect(bare.err).toContain(part)
  const none = understudy(['--rehearsal', '/nonexistent', 'status'])
  expect(none.code).toBe(2)
  expect(none.err).toContain('npm start -- --state-dir /nonexistent')
})

test('where the journal cannot be reached it says so, does nothing, and says who may go on without it', () => {
  const nobody = {
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_PROFILE: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
  const env = {
    UNDERSTUDY_PLANS: 'plans',
    UNDERSTUDY_JOURNAL: 'dynamodb:us-west-2/understudy-prod',
    ...nobody,
  }
  const { code, err } = understudy(['failover', 'orders', '--here'], env)
  expect(code).toBe(4)
  expect(err).toContain('The journal dynamodb:us-west-2/understudy-prod cannot be reached')
  expect(err).toMatch(/breakGlass.*--alone.*shares no lock with anybody/s)
})
