import { describe, expect, test, vi } from 'vitest'
import { runOf } from '../../src/app/runs/runs.ts'
import { resourcesOf } from '../../src/flows/resources.ts'
import { readCompiledPlans } from '../../src/plan/compiled.ts'
import { approved, started } from '../slack/support.ts'
import { cold, invocation, type Place, place, RUN } from './place.ts'

const input = {
  plan: 'orders',
  flow: 'failover',
  variant: 'emergency',
  mode: 'emergency',
  from: 'home',
  to: 'dr',
}
const minute = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '111122223333',
  time: '2026-11-21T03:00:00Z',
  region: 'us-west-2',
  resources: ['arn:aws:events:us-west-2:111122223333:rule/understudy-test-watch'],
  detail: {},
}
/** A durable execution's change of status, as EventBridge tells it. */
const statusChange = (status: string) => ({
  ...minute,
  'detail-type': 'Durable Execution Status Change',
  source: 'aws.lambda',
  detail: {
    version: '1.0',
    durableExecutionArn: `arn:aws:lambda:us-west-2:111122223333:function:${RUN}:1/durable-execution/run-1/x`,
    durableExecutionName: 'run-1',
    functionArn: `arn:aws:lambda:us-west-2:111122223333:function:${RUN}:1`,
    status,
  },
})
const figures = (at: Place) =>
  at.lines.flatMap((line) => {
    const { _aws, ...said } = JSON.parse(line)
    return _aws ? [said as Record<string, unknown>] : []
  })

/** What Lambda says of a function whose code has failed for good. */
const dies = async () => ({ Status: 'FAILED', Error: { ErrorType: 'Error', ErrorMessage: 'out of memory' } })

describe('the durable function', () => {
  test('carries out an approved run that nobody had started, and reads no secret', async () => {
    const at = await place()
    const run = await cold('run')
    at.deploy(RUN, (event) => run.handler(event as never, invocation('run') as never), true)
    await at.proposes('run-0', { input }, ['approved', approved], ['started', started])
    const [orders] = readCompiledPlans(String(process.env.UNDERSTUDY_PLANS)).plans
    if (orders) await at.journal.lock('run-0', resourcesOf(orders))
    await at.proposes('run-1', { input }, ['approved', approved])

    const { handler } = await cold('watch')
    await handler(minute, invocation('watch', 6_000))
    const is = await vi.waitFor(async () => {
      const found = await runOf(at.journal, 'run-1')
      expect(found.phase).toBe('ended')
      return found
    }, 10_000)
    expect(is).toMatchObject({ outcome: 'refused', ending: expect.stringContaining('run-0') })
    expect(figures(at)).toContainEqual(
      expect.objectContaining({ plan: 'orders', run: 'run-1', RunSucceeded: 0, RunFailed: 0 }),
    )
    const said = at.lines.map((line) => JSON.parse(line)).find(({ said }) => said === 'run ended')
    expect(said).toMatchObject({ function: 'run', request: expect.any(String), run: 'run-1', plan: 'orders' })
  })
})

describe('the watch', () => {
  test('ends a card that nobody approved in time, and says that it ran', async () => {
    const at = await place()
    at.deploy(RUN, dies, true)
    await at.proposes('run-1', { expiresAt: Date.now() - 1 })
    const { handler } = await cold('watch')
    await handler(minute, invocation('watch'))
    expect(await runOf(at.journal, 'run-1')).toMatchObject({ phase: 'ended', outcome: 'expired' })
    expect(at.posted().map(({ text }) => text)).toEqual([expect.stringContaining('expired')])
    expect(figures(at)).toContainEqual(expect.objectContaining({ WatchRan: 1 }))
  })

  test('does not say so when it could not read the journal', async () => {
    const at = await place({ dynamodb: true })
    vi.stubEnv('UNDERSTUDY_JOURNAL', 'dynamodb:us-west-2/no-such-table')
    const { handler } = await cold('watch')
    await handler(minute, invocation('watch', 6_000))
    expect(figures(at)).toEqual([])
    expect(at.lines.join()).toContain('the reconciliation failed')
  })

  test('ends a run whose execution has died, as soon as Lambda tells of it', async () => {
    const at = await place()
    let die = () => {}
    const dying = new Promise<void>((resolve) => {
      die = resolve
    })
    at.deploy(RUN, () => dying.then(dies), true)
    await at.proposes('run-1', { input }, ['approved', approved])
    const { handler } = await cold('watch')
    await handler(minute, invocation('watch', 6_000))
    const [execution] = at.simulation.world.lambda.executions
    await at.journal.append('run-1', 'started', { type: 'started', execution: execution?.arn ?? '' })
    die()
    await vi.waitFor(() => expect(execution?.status).toBe('FAILED'))

    await handler(statusChange('RUNNING'), invocation('watch'))
    expect((await runOf(at.journal, 'run-1')).phase).toBe('running')
    await handler(statusChange('FAILED'), invocation('watch', 6_000))
    expect(await runOf(at.journal, 'run-1')).toMatchObject({
      phase: 'ended',
      outcome: 'failed',
      ending: expect.stringContaining('out of memory'),
    })
    expect(figures(at)).toContainEqual(expect.objectContaining({ run: 'run-1', RunFailed: 1 }))
  })
})
