import { describe, expect, it } from 'vitest'
import { dr, home, rig, seen, thrown } from './rig.ts'

const member = (region: string, side: string) => `arn:aws:rds:${region}:111122223333:cluster:orders-${side}`
const [ofHome, ofDr] = [member(home, 'home'), member(dr, 'dr')]

describe('looks at the database', () => {
  it.each(['home', 'dr'] as const)('sees the global cluster and both members through %s', async (via) => {
    const { outside, clock } = rig()
    const look = await outside.database.global(via)
    expect(look).toMatchObject({ ok: true, at: clock.now() })
    expect(await seen(outside.database.global(via))).toEqual({
      status: 'available',
      engineVersion: expect.stringMatching(/^\d+\.\d+/),
      deletionProtection: false,
      members: [
        { arn: ofHome, region: home, isWriter: true, synchronization: 'connected' },
        { arn: ofDr, region: dr, isWriter: false, synchronization: 'connected' },
      ],
    })
  })

  it('sees a cluster with its instances and the global cluster it belongs to', async () => {
    const { outside } = rig()
    const cluster = await seen(outside.database.cluster('dr'))
    expect(cluster).toMatchObject({ arn: ofDr, status: 'available', globalCluster: 'orders-global' })
    expect(cluster).toMatchObject({ backupRetentionDays: 7 })
    if (cluster === 'absent') throw new Error('absent')
    expect(cluster.instances.length).toBeGreaterThan(0)
    for (const instance of cluster.instances)
      expect(instance).toMatchObject({ status: 'available', isWriter: false })
  })

  it('says absent when AWS says so', async () => {
    const { plan } = rig()
    const nowhere = { ...plan.database, globalCluster: 'nowhere', clusters: { home: 'no', dr: 'none' } }
    const { outside } = rig('orders', { database: nowhere })
    expect(await seen(outside.database.global('dr'))).toBe('absent')
    expect(await seen(outside.database.cluster('dr'))).toBe('absent')
  })

  it('knows the lag of the secondary, and none for the writer', async () => {
    const { outside, pass, clock } = rig()
    pass(120_000)
    const lag = await seen(outside.database.lag('dr'))
    if (lag === 'none') throw new Error('no lag')
    expect(lag.seconds).toBeGreaterThan(0)
    expect(lag.seconds).toBeLessThan(5)
    expect(clock.now() - lag.readAt).toBeLessThanOrEqual(180_000)
    expect(await seen(outside.database.lag('home'))).toBe('none')
  })
})

describe('a failover', () => {
  it('goes to the target, through the target region, and leaves evidence', async () => {
    const { outside, changes, pass } = rig()
    const { evidence } = await outside.database.failoverTo('dr')
    expect(changes()).toEqual([`${dr} FailoverGlobalCluster`])
    expect(evidence.join()).toContain(`rds:FailoverGlobalCluster in ${dr} of ${ofDr}, request `)
    expect(await seen(outside.database.global('dr'))).toMatchObject({
      status: 'failing-over',
      operation: { fromArn: ofHome, toArn: ofDr, dataLossAllowed: true },
    })
    pass(200_000)
    const after = await seen(outside.database.global('dr'))
    expect(after).toMatchObject({ status: 'available' })
    expect(after).not.toHaveProperty('operation')
    expect(after).toMatchObject({
      members: expect.arrayContaining([expect.objectContaining({ arn: ofDr, isWriter: true })]),
    })
  })

  it('asks for nothing when the target is the writer already', async () => {
    const { outside, changes } = rig()
    const { evidence } = await outside.database.failoverTo('home')
    expect(evidence.join()).toContain('is the writer already')
    expect(changes()).toEqual([])
  })

  it('never sends a change twice, and says that its outcome is not known', { timeout: 15_000 }, async () => {
    const { aws, outside, count } = rig()
    aws.addFault({ kind: 'lost-answer', operation: 'FailoverGlobalCluster' })
    expect(await thrown(outside.database.failoverTo('dr'))).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    expect(count('FailoverGlobalCluster')).toBe(1)
    expect(await seen(outside.database.global('dr'))).toMatchObject({ status: 'failing-over' })
  })

  it.each([
    ['internal', 'OUTCOME_UNKNOWN'],
    ['unavailable', 'OUTCOME_UNKNOWN'],
    ['throttle', 'THROTTLED'],
    ['denied', 'PERMISSION_MISSING'],
  ] as const)('tells a fault “%s” as %s', async (kind, code) => {
    const { aws, outside, count } = rig()
    aws.addFault({ kind, operation: 'FailoverGlobalCluster' })
    expect(await thrown(outside.database.failoverTo('dr'))).toMatchObject({ code })
    expect(count('FailoverGlobalCluster')).toBe(1)
  })

  it('names the action and the role that lacks it', async () => {
    const { aws, outside, plan } = rig()
    aws.allow(plan.accounts.workload.role ?? '', ['rds:Describe*'])
    const { code, message } = await thrown(outside.database.failoverTo('dr'))
    expect(code).toBe('PERMISSION_MISSING')
    expect(message).toBe(`AWS refused rds:FailoverGlobalCluster to ${plan.accounts.workload.role} in ${dr}.`)
  })

  it('tells what AWS itself refuses', async () => {
    const { outside } = rig()
    await outside.database.failoverTo('dr')
    const { code, message } = await thrown(outside.database.failoverTo('dr'))
    expect(code).toBe('ACT_REJECTED')
    expect(message).toContain('InvalidGlobalClusterStateFault')
  })
})

describe('a switchover', () => {
  it('goes through the region of the primary, whichever that is', async () => {
    const { outside, changes, pass } = rig()
    await outside.database.switchOverTo('dr')
    pass(300_000)
    await outside.database.switchOverTo('home')
    expect(changes()).toEqual([`${home} SwitchoverGlobalCluster`, `${dr} SwitchoverGlobalCluster`])
  })

  it('adopts one that is under way', async () => {
    const { outside, changes } = rig()
    await outside.database.switchOverTo('dr')
    const { evidence } = await outside.database.switchOverTo('dr')
    expect(evidence.join()).toContain('under way already')
    expect(changes()).toHaveLength(1)
  })

  it('changes nothing when the primary cannot be asked', { timeout: 60_000 }, async () => {
    const { aws, outside, changes } = rig()
    aws.addFault({ kind: 'internal', region: home, operation: 'DescribeGlobalClusters' })
    expect(await thrown(outside.database.switchOverTo('dr'))).toMatchObject({ code: 'ACT_REJECTED' })
    expect(changes()).toEqual([])
  })
})

describe('a detach', () => {
  it('takes the secondary out through its own region, once', async () => {
    const { outside, changes, pass } = rig()
    await outside.database.detach('dr')
    pass(120_000)
    expect(await seen(outside.database.cluster('dr'))).not.toHaveProperty('globalCluster')
    const { evidence } = await outside.database.detach('dr')
    expect(evidence.join()).toContain('is in no global cluster')
    expect(changes()).toEqual([`${dr} RemoveFromGlobalCluster`])
  })

  it('refuses the writer', async () => {
    const { outside, changes } = rig()
    expect(await thrown(outside.database.detach('home'))).toMatchObject({ code: 'ACT_REJECTED' })
    expect(changes()).toEqual([])
  })
})
