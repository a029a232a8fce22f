import { afterEach, describe, expect, it } from 'vitest'
import { statusFor } from '../../src/app/desk/statuses.ts'
import { BadNight } from './bad-night.ts'

let bad: BadNight
afterEach(() => bad.end())

describe('an emergency that stops a planned failover in the middle of its hold', () => {
  async function superseding() {
    bad = await BadNight.begin('orders')
    const { night } = bad
    await night.sleep(120_000)
    night.simulation.addFault({ kind: 'denied', operation: 'SwitchoverGlobalCluster' })
    night.simulation.addFault({ kind: 'denied', operation: 'FailoverGlobalCluster' })
    const planned = await bad.propose('planned')
    await bad.approve(planned)
    expect((await bad.stands(planned.id)).questions.at(-1)?.step).toBe('switch-over')
    expect(bad.writers('home')[0]?.desired).toBe(0)
    // As a plan has that shares only a part of what it needs with the other.
    await night.journal.lock(planned.id, ['record:of-another-plan'])
    const emergency = await bad.propose('emergency')
    await bad.approve(emergency)
    return { planned, emergency, asked: await bad.stands(emergency.id) }
  }

  it('lets the writers that were stopped run again when it is aborted', async () => {
    const { asked } = await superseding()
    await bad.answer(asked, 'abort')
    const ended = await bad.stands(asked.id)
    expect(bad.writers('home')[0]?.desired).toBe(6)
    expect(ended.outcome).toBe('aborted')
  })

  it('takes every lock of the stopped run over', async () => {
    const { planned, asked } = await superseding()
    const holders = (await bad.night.journal.locks()).map(({ runId }) => runId)
    expect(holders).not.toContain(planned.id)
    expect(holders).toContain(asked.id)
  })
})

it('a fence that is owed is said, however the run ended that moved the writer', async () => {
  bad = await BadNight.begin('orders')
  const { night } = bad
  await night.sleep(120_000)
  await night.simulation.outage('us-east-1', 'mute')
  bad.onTold = ({ event }) => {
    if (event.type === 'step' && event.step === 'verify-green')
      night.simulation.addFault({ kind: 'mute', service: 'cloudwatch' })
  }
  const run = await bad.propose('emergency')
  await bad.approve(run)
  const asked = await bad.stands(run.id)
  expect(asked.questions.at(-1)?.step).toBe('verify-green')
  await bad.answer(asked, 'abort')
  await bad.stands(run.id)
  const { warnings } = await night.until(statusFor(night.parts, bad.plan))
  expect(warnings.join()).toContain('OLD SIDE NOT FENCED')
})
