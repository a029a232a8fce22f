import { describe, expect, it } from 'vitest'
import type { OutageKind } from '../../rehearsal/aws/outages.ts'
import type { Answer, Question } from '../../src/engine/run.ts'
import type { Mode } from '../../src/flows/world.ts'
import { Rig } from './rig.ts'

const count = (all: readonly string[], operation: string) =>
  all.filter((call) => call.startsWith(operation)).length
const by = (option: string): Answer => ({ option, by: 'U1', reason: 'because' })
const lasting = async (rig: Rig) => {
  await rig.after(120)
  return rig.simulation.slo(rig.plan.name as 'orders' | 'billing')
}
const darkened = async (kind: OutageKind = 'mute', app: 'orders' | 'billing' = 'orders', seed = 3) => {
  const rig = new Rig(app, seed)
  await rig.after(120)
  await rig.after(30, 'home', kind)
  return rig
}

describe.each(['drop', 'mute', 'refuse', 'reset', '5xx'] as const)('emergency, home shows “%s”', (kind) => {
  it('asks AWS once, serves customers near the physical floor, and owes the fence', async () => {
    const rig = await darkened(kind)
    const begun = rig.clock.now()
    const end = await rig.run('emergency')
    expect(end.outcome).toBe('done')
    expect(rig.changes()).toEqual([
      'RegisterScalableTarget us-west-2',
      'RegisterScalableTarget us-west-2',
      'UpdateService us-west-2',
      'UpdateService us-west-2',
      'FailoverGlobalCluster us-west-2',
      'UpdateService us-west-2',
      'ChangeResourceRecordSets us-east-1',
    ])
    expect(rig.memory.asked).toEqual([])
    expect(rig.memory.ends).toMatchObject({
      'fence-old-side': 'owed',
      'prove-fence': 'owed',
      'verify-green': 'done',
    })
    const { successNow } = await lasting(rig)
    const { outage, floor } = rig.simulation.slo('orders', begun)
    expect(successNow).toBe(1)
    expect(outage?.seconds).toBeLessThan(1.1 * floor.total)
  })
})

describe('emergency', () => {
  it('finishes what another run began: the writer has moved, customers have not', async () => {
    const rig = await darkened()
    await rig.until(rig.outside.database.failoverTo('dr'))
    await rig.after(180)
    rig.forget()
    expect((await rig.run('emergency')).outcome).toBe('done')
    expect(rig.changes().filter((call) => call.startsWith('Failover'))).toEqual([])
    expect(rig.memory.asked).toEqual([])
    expect((await lasting(rig)).successNow).toBe(1)
  })
  it('switches a listener where the plan has one', async () => {
    const rig = await darkened('mute', 'billing')
    await rig.run('emergency')
    expect(rig.memory.ends['serve-listener']).toBe('done')
    expect(rig.changes()).toContain('ModifyListener us-west-2')
    expect((await lasting(rig)).successNow).toBe(1)
  })

  it('fences a home that still answers, gives lag a minute to be read after it, then promotes', async () => {
    const rig = new Rig()
    await rig.after(120)
    await rig.run('emergency')
    const changes = rig.changes()
    expect(changes.indexOf('UpdateService us-east-1')).toBeLessThan(
      changes.indexOf('FailoverGlobalCluster us-west-2'),
    )
    expect(rig.memory.ends).toMatchObject({ 'fence-old-side': 'done', 'prove-fence': 'already' })
    const told = [...rig.memory.events.values()].map((event) => (event.type === 'step' ? event.detail : ''))
    expect(told).toContainEqual(expect.stringMatching(/^(lag|no reading 1m 0\ds) after the fence/))
    const home = rig.simulation.world.ecs.services.find(
      ({ id }) => id.includes('us-east-1') && id.endsWith('orders-api'),
    )
    expect(home?.tasks).toEqual([])
  })

  it('adopts a failover that somebody started at the console', async () => {
    const rig = await darkened()
    await rig.until(rig.outside.database.failoverTo('dr'))
    rig.forget()
    expect((await rig.run('emergency')).outcome).toBe('done')
    expect(count(rig.changes(), 'FailoverGlobalCluster')).toBe(0)
    expect(rig.memory.ends).toMatchObject({ 'promote-standby': 'already', 'refresh-pools': 'done' })
  })

  it('goes from dr to home when dr is the one that dies', async () => {
    const rig = new Rig()
    await rig.after(120)
    await rig.run('planned')
    await rig.after(300)
    await rig.after(30, 'dr', 'mute')
    rig.forget()
    expect((await rig.run('emergency', { from: 'dr' })).outcome).toBe('done')
    expect(rig.changes()).toContain('FailoverGlobalCluster us-east-1')
    expect((await lasting(rig)).successNow).toBe(1)
  })

  it('asks after five minutes without progress, and lets AWS refuse a second failover', async () => {
    const rig = await darkened()
    rig.simulation.addFault({ kind: 'stuck' })
    const asked: Question[] = []
    const answers = ['failover-anyway', 'abort']
    const begun = rig.clock.now()
    const end = await rig.run('emergency', {
      answer: (question) => {
        asked.push(question)
        return by(answers[asked.length - 1] ?? '')
      },
    })
    expect(rig.clock.now() - begun).toBeGreaterThanOrEqual(300_000)
    expect(asked[0]?.options.map(({ id }) => id)).toEqual(['retry', 'failover-anyway', 'detach', 'abort'])
    expect(asked[1]?.detail).toContain('InvalidGlobalClusterState')
    expect(end).toMatchObject({ outcome: 'aborted', by: 'U1' })
    expect(count(rig.changes(), 'FailoverGlobalCluster')).toBe(2)
  })

  it('detaches instead, when AWS is stuck and home is dark', async () => {
    const rig = await darkened()
    rig.simulation.addFault({ kind: 'stuck' })
    const end = await rig.run('emergency', { answer: () => by('detach') })
    expect(end.outcome).toBe('done')
    expect(rig.changes()).toContain('RemoveFromGlobalCluster us-west-2')
    expect((await lasting(rig)).successNow).toBe(1)
  })

  it('never detaches while home answers and is not fenced', async () => {
    const rig = await darkened()
    rig.simulation.addFault({ kind: 'stuck' })
    const asked: Question[] = []
    await rig.run('emergency', {
      answer: (question) => {
        asked.push(question)
        if (asked.length > 1) return by('abort')
        delete rig.simulation.world.outages['us-east-1']
        return by('detach')
      },
    })
    expect(asked[1]?.detail).toContain('there could be two writers')
    expect(count(rig.changes(), 'RemoveFromGlobalCluster')).toBe(0)
  })

  it('waits for the outcome of an accepted call whose answer was lost, and never sends it again', async () => {
    const rig = await darkened()
    rig.simulation.addFault({ kind: 'lost-answer', operation: 'FailoverGlobalCluster', times: 1 })
    expect((await rig.run('emergency')).outcome).toBe('done')
    expect(count(rig.changes(), 'FailoverGlobalCluster')).toBe(1)
  })

  it('waits while Route 53 takes no changes, and takes the records when it does', async () => {
    const rig = await darkened()
    await rig.simulation.outage('aws-global', 'mute')
    const run = rig.run('emergency', { answer: () => by('retry') })
    await rig.after(420)
    expect(count(rig.changes(), 'ChangeResourceRecordSets')).toBe(0)
    await rig.simulation.outage('aws-global', undefined)
    expect((await rig.until(run)).outcome).toBe('done')
    expect((await lasting(rig)).successNow).toBe(1)
  })
})

describe('what stops even an emergency, before anything is changed', () => {
  const stopped = async (rig: Rig, why: RegExp) => {
    const end = await rig.run('emergency', { answer: () => by('abort') })
    expect(end.detail).toMatch(why)
    expect(end.detail).toContain('Nothing was changed.')
    expect(rig.changes()).toEqual([])
  }
  const changed = async (change: (rig: Rig) => void) => {
    const rig = await darkened()
    change(rig)
    return rig
  }

  it('a target without an instance', async () => {
    const rig = await changed(({ simulation }) => {
      for (const cluster of simulation.world.rds.clusters)
        if (cluster.id === 'orders-dr') cluster.instances = []
    })
    await stopped(rig, /orders-dr has no instance/)
  })

  it('a target outside the global cluster', async () => {
    const rig = await changed(({ simulation }) => {
      for (const global of simulation.world.rds.globals) global.members = [global.writer]
    })
    await stopped(rig, /not a member of orders-global/)
  })

  it('a refused role', async () => {
    const rig = await changed(({ simulation }) =>
      simulation.allow('arn:aws:iam::111122223333:role/understudy-operator', []),
    )
    await stopped(rig, /the role is refused in dr/)
  })

  it('another account', async () => {
    const rig = await darkened()
    const { identity } = rig.outside
    identity.account = async () => ({ ok: true, value: '999999999999', at: rig.clock.now() })
    await stopped(rig, /of account 999999999999, not 111122223333/)
  })
})

describe('planned', () => {
  it('loses nothing: everything is ready before writing stops, and the old side runs again afterwards', async () => {
    const rig = new Rig()
    await rig.after(120)
    expect((await rig.run('planned')).outcome).toBe('done')
    expect(rig.changes()).toEqual([
      'RegisterScalableTarget us-west-2',
      'RegisterScalableTarget us-west-2',
      'UpdateService us-west-2',
      'UpdateService us-west-2',
      'RegisterScalableTarget us-east-1',
      'UpdateService us-east-1',
      'SwitchoverGlobalCluster us-east-1',
      'UpdateService us-west-2',
      'ChangeResourceRecordSets us-east-1',
      'RegisterScalableTarget us-east-1',
      'UpdateService us-east-1',
    ])
    const { successNow, dataLossSeconds } = await lasting(rig)
    expect({ successNow, dataLossSeconds }).toEqual({ successNow: 1, dataLossSeconds: 0 })
    const look = await rig.until(rig.outside.services.look('home'))
    expect(look.ok && look.value[0]).toMatchObject({
      desired: 6,
      scaling: { min: 6, suspended: { in: false, out: false } },
    })
  })

  it('and home again, through the other region', async () => {
    const rig = new Rig('billing')
    await rig.after(120)
    await rig.run('planned')
    rig.forget()
    expect((await rig.run('planned', { from: 'dr' })).outcome).toBe('done')
    expect(rig.changes()).toContain('SwitchoverGlobalCluster us-west-2')
    expect((await lasting(rig)).successNow).toBe(1)
  })

  it('is stopped before anything is changed when home is dark', async () => {
    const rig = await darkened()
    const end = await rig.run('planned', { answer: () => by('abort') })
    expect(end.detail).toContain('Nothing was changed.')
    expect(rig.changes()).toEqual([])
  })

  it('lets customers in again within about three minutes when AWS refuses and nobody answers', async () => {
    const rig = new Rig()
    await rig.after(120)
    rig.simulation.addFault({ kind: 'denied', operation: 'SwitchoverGlobalCluster' })
    const asked: string[] = []
    const end = await rig.run('planned', {
      answer: (question, limit) => {
        asked.push(question.id)
        return limit === undefined ? by('abort') : 'timeout'
      },
    })
    expect(asked).toEqual(['switch-over#1', 'quiesce-writers#3:released'])
    expect(end.outcome).toBe('aborted')
    await rig.after(180)
    const { outage, successNow } = await lasting(rig)
    expect(successNow).toBe(1)
    // The hold, and the start of new tasks.
    expect(outage?.seconds).toBeLessThan(180 + 100)
  })
})

describe('detach', () => {
  it('leaves the standby serving alone', async () => {
    const rig = await darkened()
    expect((await rig.run('detach')).outcome).toBe('done')
    expect(count(rig.changes(), 'RemoveFromGlobalCluster us-west-2')).toBe(1)
    expect(count(rig.changes(), 'FailoverGlobalCluster')).toBe(0)
    expect((await lasting(rig)).successNow).toBe(1)
  })

  it('cannot be talked into two writers: no skipping while home answers and its fence is refused', async () => {
    const rig = new Rig()
    await rig.after(120)
    rig.simulation.addFault({
      kind: 'denied',
      region: 'us-east-1',
      service: 'ecs',
      operation: 'UpdateService',
    })
    rig.simulation.addFault({ kind: 'denied', region: 'us-east-1', operation: 'RegisterScalableTarget' })
    const asked: Question[] = []
    const end = await rig.run('detach', {
      answer: (question) => {
        asked.push(question)
        return by('abort')
      },
    })
    expect(asked[0]?.step).toBe('check-old-side-silent')
    expect(asked[0]?.options.map(({ id }) => id)).toEqual(['retry', 'abort'])
    expect(count(rig.changes(), 'RemoveFromGlobalCluster')).toBe(0)
    expect(end.outcome).toBe('aborted')
  })

  it('is blocked where the application uses the global writer endpoint', async () => {
    const rig = await darkened()
    rig.plan.database.usesGlobalWriterEndpoint = true
    const end = await rig.run('detach', { answer: () => by('abort') })
    expect(end.detail).toContain('global writer endpoint')
    expect(count(rig.changes(), 'RemoveFromGlobalCluster')).toBe(0)
  })
})

describe('records', () => {
  it('that somebody pointed elsewhere are a decision, not an accident', async () => {
    const rig = await darkened()
    const foreign = { dnsName: 'elsewhere.example.net', hostedZoneId: 'Z2FDTNDATAQYW2' }
    const target = rig.plan.dns.records[0]?.targets
    if (!target) throw new Error('orders has a record')
    const { dr } = target
    target.dr = foreign
    const elsewhere = await rig.until(rig.outside.dns.records())
    await rig.until(rig.outside.dns.swapTo('dr', elsewhere.ok ? elsewhere.value : []))
    target.dr = dr
    rig.forget()
    const asked: Question[] = []
    const end = await rig.run('emergency', {
      answer: (question) => {
        asked.push(question)
        return by('take-anyway')
      },
    })
    expect(asked.map(({ step }) => step)).toEqual(['take-dns'])
    expect(asked[0]?.detail).toContain('elsewhere.example.net')
    expect(end.outcome).toBe('done')
    expect((await lasting(rig)).successNow).toBe(1)
  })
})

describe.each(['emergency', 'planned', 'detach'] as const)(
  '%s over a world that is already as wanted',
  (mode: Mode) => {
    it('asks nobody and changes nothing', async () => {
      const rig = mode === 'planned' ? new Rig() : await darkened()
      await rig.after(60)
      await rig.run(mode)
      rig.forget()
      expect((await rig.run(mode)).outcome).toBe('done')
      expect(rig.memory.asked).toEqual([])
      expect(rig.changes()).toEqual([])
    })
  },
)
