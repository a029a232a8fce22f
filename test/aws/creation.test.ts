import { describe, expect, it } from 'vitest'
import { recordCalls } from '../../src/aws/recorder.ts'
import { arnOf, dr, home, type Rig, rig, seen, thrown } from './rig.ts'

const MINUTES = 60_000

/** dr stands alone and serves; the global cluster of the plan's name is gone, and the old cluster with it. */
async function rebuilding(): Promise<Rig> {
  const made = rig()
  const { database, dns } = made.outside
  await database.detach('dr')
  made.pass(10 * MINUTES)
  await dns.swapTo('dr', await seen(dns.records()))
  for (let stages = 0; stages < 7; stages += 1) {
    await database.deleteStale('home', 'dr-run1-final-orders-home')
    made.pass(30 * MINUTES)
  }
  expect(await seen(database.global('dr'))).toBe('absent')
  return made
}
const created = ({ changes }: Rig) => changes().filter((change) => change.endsWith('CreateGlobalCluster'))

describe('a new global cluster', () => {
  it('is made of the cluster that serves, through its own region, once', async () => {
    const made = await rebuilding()
    const { database } = made.outside
    const { evidence } = await database.createGlobal('dr')
    expect(evidence.join()).toContain(`rds:CreateGlobalCluster in ${dr} of ${arnOf('dr')}, request `)
    expect((await database.createGlobal('dr')).evidence.join()).toContain(
      'is a member of orders-global already',
    )
    made.pass(10 * MINUTES)
    expect((await database.createGlobal('dr')).evidence.join()).toContain('nothing was asked for')
    expect(created(made)).toEqual([`${dr} CreateGlobalCluster`])
    expect(await seen(database.global('dr'))).toMatchObject({
      status: 'available',
      members: [{ arn: arnOf('dr'), isWriter: true }],
    })
  })

  it.each<[string, string, () => Promise<Rig>]>([
    [
      'has its name taken by the old one',
      'there is a global cluster orders-global already, with',
      async () => {
        const made = rig()
        await made.outside.database.detach('dr')
        made.pass(10 * MINUTES)
        return made
      },
    ],
    [
      'has its name taken by an empty one',
      'already, with no members',
      async () => {
        const made = await rebuilding()
        const [global] = made.aws.world.rds.globals
        if (!global) throw new Error('there is none')
        const named = { id: 'orders-global', arn: global.arn.replace('billing', 'orders') }
        made.aws.world.rds.globals.push({ ...global, ...named, members: [], writer: '' })
        return made
      },
    ],
    [
      'has a source that is not available',
      'is rebooting',
      async () => {
        const made = await rebuilding()
        for (const cluster of made.aws.world.rds.clusters) cluster.status = 'rebooting'
        return made
      },
    ],
  ])('is refused when it %s', async (_, why, bring) => {
    const made = await bring()
    const { code, message } = await thrown(made.outside.database.createGlobal('dr'))
    expect(code).toBe('ACT_REJECTED')
    expect(message).toContain(why)
    expect(created(made)).toEqual([])
  })

  it('is refused where there is no cluster, or one of another global cluster', async () => {
    const made = await rebuilding()
    const { message } = await thrown(made.outside.database.createGlobal('home'))
    expect(message).toContain('there is no cluster orders-home')
    const { plan } = made
    const renamed = rig('orders', { database: { ...plan.database, globalCluster: 'another' } })
    expect((await thrown(renamed.outside.database.createGlobal('home'))).message).toContain(
      `${arnOf('home')} belongs to orders-global`,
    )
    expect([...created(made), ...created(renamed)]).toEqual([])
  })

  it.each([
    ['throttle', 'THROTTLED'],
    ['denied', 'PERMISSION_MISSING'],
    ['internal', 'OUTCOME_UNKNOWN'],
  ] as const)('is asked for once when AWS answers “%s”', async (kind, code) => {
    const made = await rebuilding()
    made.aws.addFault({ kind, operation: 'CreateGlobalCluster' })
    expect(await thrown(made.outside.database.createGlobal('dr'))).toMatchObject({ code })
    expect(made.count('CreateGlobalCluster')).toBe(1)
  })

  it('is only told of by a dry run', async () => {
    const made = await rebuilding()
    expect(await recordCalls(() => made.outside.database.createGlobal('dr'))).toMatchObject([
      { operation: 'CreateGlobalCluster', region: dr, input: { SourceDBClusterIdentifier: arnOf('dr') } },
    ])
    expect(created(made)).toEqual([])
  })
})

describe('what happened to a cluster', () => {
  it('is told by its own region, oldest first, as far back as was asked', async () => {
    const { outside, pass, clock } = rig()
    const begun = clock.now()
    await outside.database.switchOverTo('dr')
    pass(10 * MINUTES)
    const events = await seen(outside.database.events('dr', 30))
    expect(events.length).toBeGreaterThan(0)
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b))
    for (const { at, source, message } of events) {
      expect(at).toBeGreaterThanOrEqual(begun)
      expect(source).toBe('orders-dr')
      expect(message).not.toBe('')
    }
    pass(60 * MINUTES)
    expect(await seen(outside.database.events('dr', 5))).toEqual([])
    expect((await seen(outside.database.events('dr', 60 * 24 * 30))).length).toBeGreaterThanOrEqual(
      events.length,
    )
  })

  it('is told of its instances too: whether the old writer could be blocked is said of them only', async () => {
    const { outside, pass } = rig()
    await outside.database.failoverTo('dr')
    pass(10 * MINUTES)
    const events = await seen(outside.database.events('home', 30))
    expect(events).toContainEqual({
      at: expect.any(Number),
      source: 'orders-home-1',
      message: 'Attempt to block writes for DB cluster orders-home in Region us-east-1 succeeded.',
    })
    const ofDr = await seen(outside.database.events('dr', 30))
    expect(ofDr.some(({ source }) => source.startsWith('orders-home'))).toBe(false)
  })

  it('is a failed look when AWS does not say', async () => {
    const { aws, outside } = rig()
    aws.addFault({ kind: 'denied', region: home, operation: 'DescribeEvents' })
    expect(await outside.database.events('home', 60)).toMatchObject({ ok: false, why: 'denied' })
  })
})
