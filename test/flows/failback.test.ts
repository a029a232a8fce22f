import { describe, expect, it } from 'vitest'
import { type State, states } from '../../rehearsal/aws/states.ts'
import type { DrError } from '../../src/engine/errors.ts'
import { defineFlow, type Flow } from '../../src/engine/step.ts'
import { failback } from '../../src/flows/failback.ts'
import { promoteStandby } from '../../src/flows/steps/promote-standby.ts'
import { switchOver } from '../../src/flows/steps/switch-over.ts'
import type { SafeWorld, Side } from '../../src/flows/world.ts'
import { HomeRig } from './failback-rig.ts'

const inState = async (state: State, active: Side, dns: Side = active) => {
  const rig = new HomeRig('orders')
  rig.simulation.enter('orders', state, active, dns)
  await rig.after(60)
  rig.forget()
  return rig
}

/** Which branch takes the pair home from where, or what the refusal says. */
const WAYS: Readonly<Record<State, Readonly<Record<Side, string>>>> = {
  protected: { home: 'the pair is steady', dr: 'fast' },
  headless: { home: 'repair', dr: 'fast' },
  unprotected: { home: 'repair', dr: 'fast' },
  orphaned: { home: 'repair', dr: 'rebuild' },
  alone: { home: 'repair', dr: 'rebuild' },
  detached: { home: 'repair', dr: 'rebuild' },
  'no-global': { home: 'repair', dr: 'rebuild' },
  'in-flight': { home: 'moving the writer at this moment', dr: 'moving the writer at this moment' },
  unknown: { home: 'nobody can say who holds the writer', dr: 'nobody can say who holds the writer' },
}
const BRANCHES = ['fast', 'rebuild', 'repair']

describe.each(['dr', 'home'] as const)('from every state, with %s active', (active) => {
  const ways = states.map((state) => [state, WAYS[state][active]] as const)

  it.each(ways.filter(([, way]) => BRANCHES.includes(way)))(
    '%s ends steady: %s',
    { timeout: 180_000 },
    async (state, way) => {
      const rig = await inState(state, active)
      const choice = await rig.choose()
      expect(choice.variant).toBe(way)
      const end = await rig.goHome({ choice })
      expect(end).toMatchObject({ outcome: 'done' })
      expect(await rig.state()).toBe('STEADY')
      const again = await rig.choose().catch((error: DrError) => error.message)
      expect(again).toContain('the pair is steady')
      const changes = rig.changes().join('\n')
      expect(changes).not.toContain('FailoverGlobalCluster')
      expect(changes.includes('DeleteDBCluster us-west-2')).toBe(rig.byHand)
    },
  )

  it.each(ways.filter(([, way]) => !BRANCHES.includes(way)))(
    '%s stops, and says why and what to do: %s',
    async (state, why) => {
      const rig = await inState(state, active)
      const error = await rig.choose().then(
        () => undefined,
        (thrown: DrError) => thrown,
      )
      expect(error).toMatchObject({ code: 'FLOW_REFUSED' })
      expect(error?.message).toContain(why)
      expect(error?.remedy.length).toBeGreaterThan(20)
    },
  )
})

describe('what was begun and not finished', { timeout: 180_000 }, () => {
  it('is finished after an abort between the writer and the records', async () => {
    const rig = await inState('protected', 'dr')
    const end = await rig.goHome({ abortAt: 'take-dns' })
    expect(end.outcome).toBe('aborted')
    rig.forget()
    const choice = await rig.choose()
    expect(choice.variant).toBe('fast')
    expect((await rig.goHome({ choice })).outcome).toBe('done')
    expect(rig.memory.ends).toMatchObject({ 'switch-over': 'already', 'take-dns': 'done' })
    expect(await rig.state()).toBe('STEADY')
  })

  it('is finished after an abort in the middle of a deletion', async () => {
    const rig = await inState('detached', 'dr')
    await rig.goHome({ abortAt: 'delete-stale-cluster' })
    rig.forget()
    const choice = await rig.choose()
    expect(choice.variant).toBe('rebuild')
    expect((await rig.goHome({ choice })).outcome).toBe('done')
    expect(await rig.state()).toBe('STEADY')
  })

  it('is finished after an abort with the global cluster gone', async () => {
    const rig = await inState('detached', 'dr')
    await rig.goHome({ abortAt: 'create-global' })
    rig.forget()
    expect(await rig.state()).toBe('NO_GLOBAL')
    expect((await rig.goHome()).outcome).toBe('done')
    expect(await rig.state()).toBe('STEADY')
  })
})

describe('deleting', { timeout: 180_000 }, () => {
  it('deletes nothing of a pair that follows, whatever branch is gone down', async () => {
    const rig = await inState('protected', 'dr')
    const choice = await rig.choose()
    const end = await rig.goHome({ choice: { ...choice, variant: 'rebuild' } })
    expect(end.outcome).toBe('done')
    expect(rig.changes().filter((call) => /Delete|Remove|ModifyDB/.test(call))).toEqual([])
    expect(rig.asked.map(({ step }) => step)).not.toContain('approve-deletion')
  })

  it('asks for an approval of its own: typed, with a reason, by an approver, and not by the first one', async () => {
    const rig = await inState('orphaned', 'dr')
    await rig.goHome({ abortAt: 'recreate-standby' })
    const question = rig.asked.find(({ step }) => step === 'approve-deletion')
    expect(question?.options[0]).toMatchObject({
      id: 'delete',
      phrase: 'orders-home',
      approversOnly: true,
      needsReason: true,
      notBy: ['U2'],
    })
    expect(question?.detail).toContain('dr-r1-stale-orders-home (manual')
    expect(question?.detail).toContain('100 %')
    expect(rig.changes()).toEqual(
      expect.arrayContaining(['CreateDBClusterSnapshot us-east-1', 'DeleteDBCluster us-east-1']),
    )
    expect(rig.changes().filter((call) => call.endsWith('us-west-2') && /Delete|Remove/.test(call))).toEqual(
      [],
    )
  })

  it('goes in order: out of the old global cluster, protection, instances, cluster, the empty global one', async () => {
    const rig = await inState('detached', 'dr')
    await rig.goHome({ abortAt: 'recreate-standby' })
    const order = rig.changes().filter((call) => /Global|ModifyDB|DeleteDB/.test(call))
    expect(order.map((call) => call.split(' ')[0])).toEqual([
      'RemoveFromGlobalCluster',
      'ModifyDBCluster',
      ...order.filter((call) => call.startsWith('DeleteDBInstance')).map(() => 'DeleteDBInstance'),
      'DeleteDBCluster',
      'DeleteGlobalCluster',
      'CreateGlobalCluster',
    ])
  })

  it('asks nobody about an empty global cluster that is protected', async () => {
    const rig = await inState('detached', 'dr')
    for (const global of rig.simulation.world.rds.globals)
      if (global.app === 'orders') global.deletionProtection = true
    await rig.goHome({ abortAt: 'recreate-standby' })
    const order = rig.changes().filter((call) => /\w+GlobalCluster /.test(call))
    expect(order.map((call) => call.split(' ')[0])).toEqual([
      'RemoveFromGlobalCluster',
      'ModifyGlobalCluster',
      'DeleteGlobalCluster',
      'CreateGlobalCluster',
    ])
    expect(rig.asked.map(({ step }) => step)).not.toContain('delete-empty-global')
  })

  it('stops when customers are sent to the stale cluster meanwhile', async () => {
    const rig = await inState('orphaned', 'dr')
    const asked: string[] = []
    const end = await rig.goHome({
      answer: (question) => {
        asked.push(question.detail)
        if (question.step === 'settle-lost-writes') rig.simulation.enter('orders', 'orphaned', 'dr', 'home')
        return question.options.some(({ id }) => id === 'retry') ? { option: 'abort', by: 'U1' } : undefined
      },
    })
    expect(end.outcome).toBe('aborted')
    expect(asked.at(-1)).toContain('the records do not all point at dr')
    expect(rig.changes().filter((call) => /Delete/.test(call))).toEqual([])
  })
})

describe('no write can be lost on the way home', () => {
  const safe = (flow: Flow<SafeWorld>) => flow
  it('by type: a step that fails over or detaches does not fit', () => {
    // @ts-expect-error it asks AWS for a failover
    safe(defineFlow({ name: 'failback', title: '', steps: [promoteStandby] }))
    // @ts-expect-error its ways out do
    safe(defineFlow({ name: 'failback', title: '', steps: [switchOver] }))
    expect(BRANCHES).toHaveLength(3)
  })

  it.each(['fast', 'rebuild', 'repair'] as const)('by its lists: %s offers no lossy way out', (branch) => {
    const { steps } = failback(branch)
    const ids = steps.flatMap(({ id, whenStuck = [] }) => [id, ...whenStuck.map((remedy) => remedy.id)])
    expect(ids).not.toEqual(expect.arrayContaining([expect.stringMatching(/failover-anyway|detach|promote/)]))
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length)
  })
})
