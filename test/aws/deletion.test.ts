import { DBClusterNotFoundFault, type GlobalCluster } from '@aws-sdk/client-rds'
import { describe, expect, it } from 'vitest'
import { recordCalls } from '../../src/aws/recorder.ts'
import type { Outside } from '../../src/flows/world.ts'
import { arnOf, dr, home, type Rig, rig, seen, shipped, thrown } from './rig.ts'
import { saying, scripted } from './scripted.ts'

const final = 'dr-run1-final-orders-home'
const HOUR = 3_600_000

/** dr was detached and serves; the old cluster of home is alone in the global cluster. */
async function detached(made = rig()): Promise<Rig> {
  await made.outside.database.detach('dr')
  made.pass(10 * 60_000)
  await made.outside.dns.swapTo('dr', await seen(made.outside.dns.records()))
  made.pass(60_000)
  return made
}

/** Home was dark while dr took over, and Aurora has not taken it back. */
async function orphaned(made = rig()): Promise<Rig> {
  const { aws, outside, pass } = made
  aws.addFault({ kind: 'no-rejoin' })
  await aws.outage(home, 'mute')
  await outside.database.failoverTo('dr')
  pass(20 * 60_000)
  await outside.dns.swapTo('dr', await seen(outside.dns.records()))
  await aws.outage(home, undefined)
  pass(HOUR)
  return made
}

const erase = ({ database }: Outside) => database.deleteStale('home', final)
/** What was changed since: a made world has changes of its own. */
const since = async (made: Rig, work: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = made.changes().length
  await work()
  return made.changes().slice(before)
}
/** Deletes, stage by stage, until nothing more is asked for. */
async function eraseAll(made: Rig): Promise<readonly string[]> {
  return since(made, async () => {
    for (let quiet = 0; quiet < 3; ) {
      const asked = await since(made, () => erase(made.outside))
      quiet = asked.length ? 0 : quiet + 1
      made.pass(20 * 60_000)
    }
  })
}

describe('a stale cluster', () => {
  it('goes stage by stage, in the only order that works, and leaves its final snapshot', async () => {
    const made = await detached()
    expect(await eraseAll(made)).toEqual([
      `${home} RemoveFromGlobalCluster`,
      `${home} ModifyDBCluster`,
      `${home} DeleteDBInstance`,
      `${home} DeleteDBInstance`,
      `${home} DeleteDBCluster`,
      `${home} DeleteGlobalCluster`,
    ])
    const { database } = made.outside
    expect(await seen(database.cluster('home'))).toBe('absent')
    expect(await seen(database.global('dr'))).toBe('absent')
    const kept = await seen(database.snapshots('home'))
    expect(kept).toContainEqual(expect.objectContaining({ id: final, type: 'manual', status: 'available' }))
    expect(await seen(database.cluster('dr'))).toMatchObject({ arn: arnOf('dr'), status: 'available' })
  })

  it('that is an orphan goes too, and the global cluster of the other side stays', async () => {
    const made = await orphaned()
    expect(await seen(made.outside.database.cluster('home'))).not.toHaveProperty('globalCluster')
    expect(await eraseAll(made)).toEqual([
      `${home} ModifyDBCluster`,
      `${home} DeleteDBInstance`,
      `${home} DeleteDBInstance`,
      `${home} DeleteDBCluster`,
    ])
    const { evidence } = await erase(made.outside)
    expect(evidence.join()).toContain('there is no orders-home in us-east-1, and orders-global is in use')
    expect(await seen(made.outside.database.global('dr'))).toMatchObject({
      members: [{ arn: arnOf('dr'), isWriter: true }],
    })
  })

  it('is not asked to go twice', async () => {
    const made = await orphaned()
    await erase(made.outside)
    await erase(made.outside)
    const { evidence } = await erase(made.outside)
    expect(evidence.join()).toMatch(/orders-home-\d of .*: being deleted already/)
    made.pass(HOUR)
    await erase(made.outside)
    made.pass(HOUR)
    expect(await since(made, () => erase(made.outside))).toEqual([`${home} DeleteDBCluster`])
    expect(await since(made, () => erase(made.outside))).toEqual([])
    expect((await erase(made.outside)).evidence.join()).toContain('is deleting; nothing was asked for')
  })

  it.each(['promoting', 'modifying', 'upgrading'])('is left alone while it is %s', async (status) => {
    const made = await orphaned()
    for (const cluster of made.aws.world.rds.clusters)
      if (cluster.arn === arnOf('home')) cluster.status = status
    const sent = await since(made, async () => {
      const { evidence } = await erase(made.outside)
      expect(evidence.join()).toContain(`is ${status}; nothing was asked for`)
    })
    expect(sent).toEqual([])
  })

  it('leaves a global cluster that AWS does not call empty yet to the next try', async () => {
    const made = await detached()
    for (let stages = 0; stages < 5; stages += 1) {
      await erase(made.outside)
      made.pass(20 * 60_000)
    }
    for (const global of made.aws.world.rds.globals)
      if (!global.members.length) global.emptiedAt = made.clock.now()
    const { evidence } = await erase(made.outside)
    expect(evidence.join()).toContain('orders-global cannot be deleted yet: ')
    made.pass(60_000)
    await erase(made.outside)
    expect(await seen(made.outside.database.global('dr'))).toBe('absent')
  })

  it('is only told of by a dry run: the first stage, and nothing sent', async () => {
    const made = await orphaned()
    let calls: Awaited<ReturnType<typeof recordCalls>> = []
    const sent = await since(made, async () => {
      calls = await recordCalls(() => erase(made.outside))
    })
    expect(calls).toMatchObject([
      { operation: 'ModifyDBCluster', region: home, input: { DeletionProtection: false } },
    ])
    expect(sent).toEqual([])
  })
})

describe('nothing is deleted', () => {
  it('of the dr side, ever: it says what a person would run, and asks nobody', async () => {
    const { outside, aws } = rig()
    const { code, message } = await thrown(outside.database.deleteStale('dr', final))
    expect(code).toBe('ACT_REJECTED')
    expect(message).toContain(`aws rds delete-db-cluster --region ${dr} --db-cluster-identifier orders-dr`)
    expect(aws.calls.list()).toEqual([])
  })

  it.each<[string, string, () => Promise<Rig>]>([
    ['while home serves', 'has no available writer', async () => rig()],
    [
      'while customers are sent to it',
      'does not point to the dr side',
      async () => {
        const made = await orphaned()
        await made.outside.dns.swapTo('home', await seen(made.outside.dns.records()))
        return made
      },
    ],
    [
      'while it is a member beside the other side',
      'together with',
      async () => {
        const made = rig()
        await made.outside.database.switchOverTo('dr')
        made.pass(10 * 60_000)
        await made.outside.dns.swapTo('dr', await seen(made.outside.dns.records()))
        return made
      },
    ],
    [
      'while the writer is moved',
      'has no available writer',
      async () => {
        const made = rig()
        await made.outside.database.switchOverTo('dr')
        return made
      },
    ],
    [
      'while the other region has no answer',
      'DescribeDBClusters',
      async () => {
        const made = await orphaned()
        made.aws.addFault({ kind: 'internal', region: dr, operation: 'DescribeDBClusters' })
        return made
      },
    ],
    [
      'while its own region has no answer',
      'DescribeGlobalClusters',
      async () => {
        const made = await orphaned()
        made.aws.addFault({ kind: 'unavailable', region: home, operation: 'DescribeGlobalClusters' })
        return made
      },
    ],
    [
      'while nobody knows where customers are sent',
      'where customers are sent is not known',
      async () => {
        const made = await orphaned()
        made.aws.addFault({ kind: 'internal', operation: 'ListResourceRecordSets' })
        return made
      },
    ],
  ])('%s', { timeout: 30_000 }, async (_, why, bring) => {
    const made = await bring()
    const sent = await since(made, async () => {
      const { code, message } = await thrown(erase(made.outside))
      expect(code).toBe('ACT_REJECTED')
      expect(message).toMatch(new RegExp(why))
    })
    expect(sent).toEqual([])
  })

  it.each([
    ['throttle', 'THROTTLED'],
    ['denied', 'PERMISSION_MISSING'],
    ['internal', 'OUTCOME_UNKNOWN'],
  ] as const)('twice when AWS answers “%s”', async (kind, code) => {
    const made = await orphaned()
    made.aws.addFault({ kind, operation: 'ModifyDBCluster' })
    expect(await thrown(erase(made.outside))).toMatchObject({ code })
    expect(made.count('ModifyDBCluster')).toBe(1)
  })

  it('again when the answer was lost: the next look sees what became of it', {
    timeout: 20_000,
  }, async () => {
    const made = await orphaned()
    await erase(made.outside)
    made.aws.addFault({ kind: 'lost-answer', operation: 'DeleteDBInstance', times: 1 })
    expect(await thrown(erase(made.outside))).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    expect((await erase(made.outside)).evidence.join()).toContain('being deleted already')
    expect(made.count('DeleteDBInstance')).toBe(1)
  })
})

describe('the role for deletions', () => {
  const deletionRole = 'arn:aws:iam::111122223333:role/understudy-deleter'

  it('makes the changes, and the ordinary one the looks', async () => {
    const plain = rig()
    const { workload, dns } = plain.plan.accounts
    const made = await orphaned(rig('orders', { accounts: { workload: { ...workload, deletionRole }, dns } }))
    expect(await thrown(erase(made.outside))).toMatchObject({
      code: 'PERMISSION_MISSING',
      message: expect.stringContaining(deletionRole),
    })
    made.aws.world.sts.roles.push({ arn: deletionRole })
    made.aws.allow(workload.role ?? '', ['rds:Describe*'])
    expect(await since(made, () => erase(made.outside))).toEqual([`${home} ModifyDBCluster`])
    made.aws.allow(deletionRole, ['rds:ModifyDBCluster'])
    const { message } = await thrown(erase(made.outside))
    expect(message).toBe(`AWS refused rds:DeleteDBInstance to ${deletionRole} in ${home}.`)
  })
})

describe('an empty global cluster of the plan’s name', () => {
  it('is no longer protected first, and then deleted, wherever in the list it is', async () => {
    const [planned] = shipped('orders').dns.records
    if (!planned) throw new Error('the plan has no record')
    const { dnsName: DNSName, hostedZoneId: HostedZoneId } = planned.targets.dr
    const alias = { DNSName, HostedZoneId, EvaluateTargetHealth: false }
    const instance = { DBInstanceIdentifier: 'orders-dr-1', DBInstanceStatus: 'available' }
    const other = { GlobalClusterIdentifier: 'another', Status: 'available' }
    let emptied: GlobalCluster[] = [
      { GlobalClusterIdentifier: 'orders-global', Status: 'available', DeletionProtection: true },
    ]
    const { outside, changes } = scripted({
      route53: {
        ListResourceRecordSets: () => ({
          ResourceRecordSets: [{ Name: planned.name, Type: planned.type, AliasTarget: alias }],
          IsTruncated: false,
          MaxItems: 100,
        }),
      },
      rds: {
        DescribeGlobalClusters: ({ Marker }) =>
          Marker ? { GlobalClusters: emptied } : { GlobalClusters: [other], Marker: 'more' },
        DescribeDBInstances: () => ({ DBInstances: [instance] }),
        DescribeDBClusters: (_, { region }) => {
          if (region === home) throw new DBClusterNotFoundFault(saying('none'))
          const members = [{ DBInstanceIdentifier: 'orders-dr-1', IsClusterWriter: true }]
          return {
            DBClusters: [{ DBClusterArn: arnOf('dr'), Status: 'available', DBClusterMembers: members }],
          }
        },
        ModifyGlobalCluster: ({ DeletionProtection }) => {
          emptied = emptied.map((global) => ({ ...global, DeletionProtection }))
          return {}
        },
        DeleteGlobalCluster: () => {
          emptied = []
          return {}
        },
      },
    })
    const { evidence } = await erase(outside)
    expect(evidence.join()).toContain('rds:ModifyGlobalCluster in us-east-1 of orders-global')
    expect(changes()).toEqual([`${home} ModifyGlobalCluster`])
    await erase(outside)
    expect(changes()).toEqual([`${home} ModifyGlobalCluster`, `${home} DeleteGlobalCluster`])
    expect((await erase(outside)).evidence.join()).toContain('no global cluster orders-global')
  })
})
