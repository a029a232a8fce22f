import {
  type DBClusterSnapshot,
  DBClusterSnapshotAlreadyExistsFault,
  DBClusterSnapshotNotFoundFault,
} from '@aws-sdk/client-rds'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../rehearsal/aws/wire/failure.ts'
import type { Handlers } from '../../rehearsal/aws/wire/service.ts'
import { recordCalls } from '../../src/aws/recorder.ts'
import { RESCUE_PREFIX } from '../../src/flows/world.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { dr, first, home, rig, seen, shipped, thrown } from './rig.ts'
import { saying, scripted } from './scripted.ts'

const arn = (region: string, id: string) => `arn:aws:rds:${region}:111122223333:cluster-snapshot:${id}`
const rescue = `${RESCUE_PREFIX}orders-home-2026-11-20-08-00`
const copy = 'dr-run1-rescue-orders-home'
const keys = {
  home: 'arn:aws:kms:us-east-1:111122223333:key/home',
  dr: 'arn:aws:kms:us-west-2:111122223333:key/dr',
}

const snapshot = (
  region: string,
  id: string,
  change: Partial<DBClusterSnapshot> = {},
): DBClusterSnapshot => ({
  DBClusterSnapshotIdentifier: id,
  DBClusterSnapshotArn: arn(region, id),
  DBClusterIdentifier: 'orders-home',
  SnapshotType: 'manual',
  Status: 'available',
  PercentProgress: 100,
  SnapshotCreateTime: new Date('2026-11-20T08:00:00Z'),
  EngineVersion: '16.6',
  StorageEncrypted: true,
  ...change,
})
const lost = (change: Partial<DBClusterSnapshot> = {}) =>
  snapshot(home, rescue, { SnapshotType: 'automated', ...change })

type Kept = Record<string, DBClusterSnapshot[]>

/** RDS with these snapshots in its regions, two a page. */
function keeping(
  kept: Kept,
  more: Handlers<typeof import('@aws-sdk/client-rds')> = {},
  plan: Partial<Plan> = {},
) {
  const rds: Handlers<typeof import('@aws-sdk/client-rds')> = {
    DescribeDBClusterSnapshots: (input, { region }) => {
      const { DBClusterSnapshotIdentifier: wanted, DBClusterIdentifier: cluster, Marker = '0' } = input
      const all = (kept[region] ?? []).filter(
        ({ DBClusterSnapshotIdentifier: id, DBClusterSnapshotArn, DBClusterIdentifier }) =>
          wanted
            ? wanted === id || wanted === DBClusterSnapshotArn
            : !cluster || cluster === DBClusterIdentifier,
      )
      if (wanted && !all.length) throw new DBClusterSnapshotNotFoundFault(saying(`no ${wanted}`))
      const from = Number(Marker)
      return {
        DBClusterSnapshots: all.slice(from, from + 2),
        ...(all.length > from + 2 ? { Marker: String(from + 2) } : {}),
      }
    },
    CopyDBClusterSnapshot: (input, { region }) => {
      const made = snapshot(region, input.TargetDBClusterSnapshotIdentifier ?? '', {
        Status: 'copying',
        SourceDBClusterSnapshotArn: input.SourceDBClusterSnapshotIdentifier,
      })
      kept[region] = [...(kept[region] ?? []), made]
      return { DBClusterSnapshot: made }
    },
    CreateDBClusterSnapshot: (input, { region }) => {
      const { DBClusterSnapshotIdentifier: id = '', DBClusterIdentifier } = input
      const made = snapshot(region, id, { DBClusterIdentifier, Status: 'creating' })
      kept[region] = [...(kept[region] ?? []), made]
      return { DBClusterSnapshot: made }
    },
    ...more,
  }
  return scripted({ rds }, plan)
}

describe('the snapshots of a side', () => {
  it('are all of its cluster in its region, of every type, on every page', async () => {
    const manual = snapshot(home, copy, { SourceDBClusterSnapshotArn: arn(home, rescue) })
    const other = snapshot(home, 'else', { DBClusterIdentifier: 'billing-home' })
    const nightly = ['a', 'b', 'c'].map((id) => snapshot(home, `rds:${id}`, { SnapshotType: 'automated' }))
    const { outside, calls } = keeping({ [home]: [lost(), manual, other, ...nightly], [dr]: [lost()] })
    const found = await seen(outside.database.snapshots('home'))
    expect(found.map(({ id }) => id)).toEqual([rescue, copy, 'rds:a', 'rds:b', 'rds:c'])
    expect(found[1]).toEqual({
      id: copy,
      arn: arn(home, copy),
      cluster: 'orders-home',
      type: 'manual',
      status: 'available',
      percent: 100,
      createdAt: Date.parse('2026-11-20T08:00:00Z'),
      engineVersion: '16.6',
      encrypted: true,
      sourceArn: arn(home, rescue),
    })
    expect(calls.every(({ region, params }) => region === home && !params.SnapshotType)).toBe(true)
  })

  it('are a failed look, not fewer snapshots, when a page is missing', async () => {
    const three = ['a', 'b', 'c'].map((id) => snapshot(home, id))
    let page = 0
    const { outside } = keeping(
      {},
      {
        DescribeDBClusterSnapshots: () => {
          page += 1
          if (page > 1) throw new WireError('InternalFailure', 'ill', 500)
          return { DBClusterSnapshots: three, Marker: 'next' }
        },
      },
    )
    expect(await outside.database.snapshots('home')).toMatchObject({ ok: false, why: 'failed' })
  })
})

describe('the copies of a side’s snapshots in the other region', () => {
  const across = snapshot(dr, copy, { SourceDBClusterSnapshotArn: arn(home, rescue) })

  it('are found by their cluster, whether or not that region knows it', async () => {
    const theirs = snapshot(dr, 'of-dr', { DBClusterIdentifier: 'orders-dr' })
    const { outside, calls } = keeping({ [home]: [lost()], [dr]: [theirs, across, snapshot(dr, 'c')] })
    const found = await seen(outside.database.snapshotsAcross('home'))
    expect(found.map(({ id }) => id)).toEqual([copy, 'c'])
    expect(found[0]).toMatchObject({ arn: arn(dr, copy), sourceArn: arn(home, rescue) })
    expect(calls.every(({ region, params }) => region === dr && !params.DBClusterIdentifier)).toBe(true)
  })

  it('are told from the other cluster’s own where both have one name', async () => {
    const database = { ...shipped('orders').database, clusters: { home: 'orders', dr: 'orders' } }
    const ofOrders = { DBClusterIdentifier: 'orders' }
    const kept = { [dr]: [snapshot(dr, 'own', ofOrders), { ...across, ...ofOrders }] }
    const found = await seen(keeping(kept, {}, { database }).outside.database.snapshotsAcross('home'))
    expect(found.map(({ id }) => id)).toEqual([copy])
  })
})

describe('a copy of a snapshot', () => {
  it('is asked for once, in its own region, without a key of its own', async () => {
    const { outside, calls, changes } = keeping({ [home]: [lost()] })
    const { evidence } = await outside.database.copySnapshot('home', rescue, copy)
    expect(evidence.join()).toContain(`rds:CopyDBClusterSnapshot in ${home} of ${copy}, request `)
    expect(changes()).toEqual([`${home} CopyDBClusterSnapshot`])
    expect(calls.at(-1)?.params).toMatchObject({
      SourceDBClusterSnapshotIdentifier: arn(home, rescue),
      TargetDBClusterSnapshotIdentifier: copy,
    })
    expect(calls.at(-1)?.params).not.toHaveProperty('KmsKeyId')
    const again = await outside.database.copySnapshot('home', rescue, copy)
    expect(again.evidence.join()).toContain('exists and is copying; nothing was asked for')
    expect(changes()).toHaveLength(1)
  })

  it('counts when its original has expired since', async () => {
    const made = snapshot(home, copy, { SourceDBClusterSnapshotArn: arn(home, rescue) })
    const { outside, changes } = keeping({ [home]: [made] })
    const { evidence } = await outside.database.copySnapshot('home', rescue, copy)
    expect(evidence.join()).toContain('exists and is available')
    expect(changes()).toEqual([])
  })

  it('is as good when somebody else made it in the same second', async () => {
    const kept: Kept = { [home]: [lost()] }
    const { outside } = keeping(kept, {
      CopyDBClusterSnapshot: () => {
        const made = snapshot(home, copy, { SourceDBClusterSnapshotArn: arn(home, rescue) })
        kept[home]?.push(made)
        throw new DBClusterSnapshotAlreadyExistsFault(saying('already'))
      },
    })
    const { evidence } = await outside.database.copySnapshot('home', rescue, copy)
    expect(evidence.join()).toContain('exists and is available')
  })

  it.each<[string, string, DBClusterSnapshot[]]>([
    ['there is no original', 'NotFound', []],
    ['the original is still being made', 'NotAvailable', [lost({ Status: 'creating' })]],
    [
      'its name belongs to a copy of something else',
      'NameTaken',
      [lost(), snapshot(home, copy, { SourceDBClusterSnapshotArn: arn(home, 'rds:other') })],
    ],
    ['its name belongs to what is no copy', 'NameTaken', [lost(), snapshot(home, copy)]],
    [
      'it has failed before',
      'Failed',
      [lost(), snapshot(home, copy, { Status: 'failed', SourceDBClusterSnapshotArn: arn(home, rescue) })],
    ],
  ])('is refused when %s', async (_, code, kept) => {
    const { outside, changes } = keeping({ [home]: kept })
    const error = await thrown(outside.database.copySnapshot('home', rescue, copy))
    expect(error).toMatchObject({ code: 'ACT_REJECTED', message: expect.stringContaining(code) })
    expect(changes()).toEqual([])
  })

  it('goes to the other region under the key the plan names there', async () => {
    const database = { ...shipped('orders').database, rescueKeys: keys }
    const { outside, calls, changes } = keeping({ [home]: [lost()] }, {}, { database })
    await outside.database.copySnapshotAcross('home', rescue, copy)
    expect(changes()).toEqual([`${dr} CopyDBClusterSnapshot`])
    expect(calls.at(-1)?.params).toMatchObject({
      SourceDBClusterSnapshotIdentifier: arn(home, rescue),
      KmsKeyId: keys.dr,
      PreSignedUrl: expect.stringContaining(`https://rds.${home}.amazonaws.com`),
    })
    const { evidence } = await outside.database.copySnapshotAcross('home', rescue, copy)
    expect(evidence.join()).toContain(`${arn(dr, copy)} exists`)
  })

  it('of an encrypted snapshot does not go to the other region without a key', async () => {
    const { rescueKeys: _, ...database } = shipped('orders').database
    const { outside, changes } = keeping({ [home]: [lost()] }, {}, { database })
    const { message } = await thrown(outside.database.copySnapshotAcross('home', rescue, copy))
    expect(message).toContain('names no KMS key for dr')
    expect(changes()).toEqual([])
  })

  it('is captured by a dry run, and not sent', async () => {
    const { outside, changes } = keeping({ [home]: [lost()] })
    const calls = await recordCalls(() => outside.database.copySnapshot('home', rescue, copy))
    expect(calls).toMatchObject([{ service: 'RDS', operation: 'CopyDBClusterSnapshot', region: home }])
    expect(changes()).toEqual([])
  })
})

describe('a snapshot of a cluster', () => {
  const id = 'dr-run1-stale-orders-home'

  it('is taken once', async () => {
    const { outside, changes } = keeping({})
    await outside.database.takeSnapshot('home', id)
    const { evidence } = await outside.database.takeSnapshot('home', id)
    expect(evidence.join()).toContain(`${arn(home, id)} exists and is creating; nothing was asked for`)
    expect(changes()).toEqual([`${home} CreateDBClusterSnapshot`])
  })

  it('is refused when its name belongs to another cluster’s', async () => {
    const { outside, changes } = keeping({
      [home]: [snapshot(home, id, { DBClusterIdentifier: 'billing-home' })],
    })
    const { message } = await thrown(outside.database.takeSnapshot('home', id))
    expect(message).toContain('of something else: of billing-home')
    expect(changes()).toEqual([])
  })
})

describe('the snapshot with the lost writes', () => {
  it('is found in the region that came back, and copied to one that stays', async () => {
    const { aws, outside, pass } = rig()
    await aws.outage(home, 'mute')
    await outside.database.failoverTo('dr')
    pass(20 * 60_000)
    expect(await outside.database.snapshots('home')).toMatchObject({ ok: false, why: 'unreachable' })
    await aws.outage(home, undefined)
    pass(2 * 3_600_000)
    const found = await seen(outside.database.snapshots('home'))
    const { id, arn: source } = first(found.filter((one) => one.id.startsWith(RESCUE_PREFIX)))
    await outside.database.copySnapshot('home', id, copy)
    pass(3_600_000)
    expect(await seen(outside.database.snapshots('home'))).toContainEqual(
      expect.objectContaining({ id: copy, type: 'manual', status: 'available', sourceArn: source }),
    )
  })

  it.each([
    ['throttle', 'THROTTLED'],
    ['denied', 'PERMISSION_MISSING'],
    ['unavailable', 'OUTCOME_UNKNOWN'],
  ] as const)('is asked for once when AWS answers “%s”', async (kind, code) => {
    const { aws, outside, count } = rig()
    aws.addFault({ kind, operation: 'CreateDBClusterSnapshot' })
    expect(await thrown(outside.database.takeSnapshot('home', 'dr-run1-stale'))).toMatchObject({ code })
    expect(count('CreateDBClusterSnapshot')).toBe(1)
  })

  it('is not taken again when the answer was lost', { timeout: 20_000 }, async () => {
    const { aws, outside, count } = rig()
    aws.addFault({ kind: 'lost-answer', operation: 'CreateDBClusterSnapshot', times: 1 })
    const take = () => outside.database.takeSnapshot('home', 'dr-run1-stale')
    expect(await thrown(take())).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    expect((await take()).evidence.join()).toContain('exists and is creating')
    expect(count('CreateDBClusterSnapshot')).toBe(1)
  })

  it('changes nothing when the look before it fails', { timeout: 20_000 }, async () => {
    const { aws, outside, changes } = rig()
    aws.addFault({ kind: 'internal', operation: 'DescribeDBClusterSnapshots' })
    expect(await thrown(outside.database.takeSnapshot('home', 'dr-run1-stale'))).toMatchObject({
      code: 'ACT_REJECTED',
    })
    expect(changes()).toEqual([])
  })
})
