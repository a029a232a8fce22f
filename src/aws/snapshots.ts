import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DBClusterSnapshotAlreadyExistsFault,
  DBClusterSnapshotNotFoundFault,
  DescribeDBClusterSnapshotsCommand,
} from '@aws-sdk/client-rds'
import { DrError } from '../engine/errors.ts'
import type { Receipt } from '../engine/step.ts'
import { type OrAbsent, type Outside, otherSide, type Side, type SnapshotFacts } from '../flows/world.ts'
import { type Act, regionOf } from './act.ts'
import type { Budget } from './look.ts'
import type { Site } from './site.ts'

type Database = Outside['database']
type Verb = 'rds:CopyDBClusterSnapshot' | 'rds:CreateDBClusterSnapshot'

/** RDS: cluster snapshots, and the manual ones that outlive what they were taken of. */
export function snapshots(
  site: Site,
): Pick<Database, 'snapshots' | 'snapshotsAcross' | 'copySnapshot' | 'copySnapshotAcross' | 'takeSnapshot'> {
  return {
    snapshots: (side) => site.look('RDS', side, (budget) => listOwn(site, side, budget)),
    snapshotsAcross: (side) => site.look('RDS', otherSide(side), (budget) => listAcross(site, side, budget)),
    copySnapshot: (side, source, copy) => copyTo(site, side, { from: side, source, copy }),
    copySnapshotAcross: (side, source, copy) => copyTo(site, otherSide(side), { from: side, source, copy }),
    takeSnapshot: (side, id) => take(site, side, id),
  }
}

/** Of every type: which one AWS gives the snapshot with the lost writes is not documented. */
const listOwn = (site: Site, side: Side, budget: Budget) =>
  list(site, side, { DBClusterIdentifier: site.plan.database.clusters[side] }, budget)

/** The other region need not know a cluster of that name, or has one of its own: the list is sorted out here. */
async function listAcross(site: Site, side: Side, budget: Budget): Promise<readonly SnapshotFacts[]> {
  const { clusters } = site.plan.database
  const region = site.plan.regions[side]
  const manual = await list(site, otherSide(side), { SnapshotType: 'manual' }, budget)
  const isOurs = ({ sourceArn }: SnapshotFacts) =>
    sourceArn ? regionOf(sourceArn) === region : clusters.home !== clusters.dr
  return manual.filter((one) => one.cluster === clusters[side] && isOurs(one))
}

type Wanted = { readonly DBClusterIdentifier: string } | { readonly SnapshotType: string }

async function list(
  site: Site,
  side: Side,
  wanted: Wanted,
  budget: Budget,
): Promise<readonly SnapshotFacts[]> {
  const rds = site.client('rds', side, 'probe')
  const found: DBClusterSnapshot[] = []
  let Marker: string | undefined
  do {
    const input = { ...wanted, MaxRecords: 100, ...(Marker ? { Marker } : {}) }
    const page = await rds.send(new DescribeDBClusterSnapshotsCommand(input), budget)
    found.push(...(page.DBClusterSnapshots ?? []))
    Marker = page.Marker
  } while (Marker)
  return found.map((snapshot) => factsOf(snapshot, site.clocks.world.now()))
}

type Copying = { readonly from: Side; readonly source: string; readonly copy: string }

/** Copies into a side's region from the same region or from the other: RDS is always asked where the copy will be. */
async function copyTo(site: Site, to: Side, { from, source, copy }: Copying): Promise<Receipt> {
  const name = 'rds:CopyDBClusterSnapshot'
  const act = site.act(to)
  const reading = site.act(from)
  const original = await find(site, reading, source)
  // The original may have expired since: a copy that is there already is all that was wanted.
  const known = original === 'absent' ? undefined : original.arn
  const made = await find(site, act, copy)
  if (made !== 'absent') return toldOf(act, name, made, ({ sourceArn }) => !known || sourceArn === known)
  if (original === 'absent') throw reading.refuse(name, 'NotFound', `there is no snapshot ${source}`)
  if (original.status !== 'available')
    throw reading.refuse(
      name,
      'NotAvailable',
      `${original.id} is ${original.status}: it cannot be copied yet`,
    )
  const across = from !== to
  const key = across && original.encrypted ? site.plan.database.rescueKeys?.[to] : undefined
  if (across && original.encrypted && !key)
    throw act.refuse(name, 'NoKey', `${original.id} is encrypted and the plan names no KMS key for ${to}`)
  const command = new CopyDBClusterSnapshotCommand({
    SourceDBClusterSnapshotIdentifier: original.arn,
    TargetDBClusterSnapshotIdentifier: copy,
    ...(key ? { KmsKeyId: key } : {}),
  })
  return madeOnce(site, act, {
    name,
    id: copy,
    send: (options) => site.client('rds', to, 'once').send(command, options),
    ours: ({ sourceArn }) => sourceArn === original.arn,
  })
}

async function take(site: Site, side: Side, id: string): Promise<Receipt> {
  const name = 'rds:CreateDBClusterSnapshot'
  const act = site.act(side)
  const cluster = site.plan.database.clusters[side]
  const ours = (there: SnapshotFacts) => there.cluster === cluster
  const made = await find(site, act, id)
  if (made !== 'absent') return toldOf(act, name, made, ours)
  const command = new CreateDBClusterSnapshotCommand({
    DBClusterIdentifier: cluster,
    DBClusterSnapshotIdentifier: id,
  })
  return madeOnce(site, act, {
    name,
    id,
    send: (options) => site.client('rds', side, 'once').send(command, options),
    ours,
  })
}

type Making = {
  readonly name: Verb
  readonly id: string
  readonly send: Parameters<Act['change']>[2]
  readonly ours: (there: SnapshotFacts) => boolean
}

/** Makes a snapshot of a name that was free a moment ago; somebody else's making of the same one is as good. */
async function madeOnce(site: Site, act: Act, { name, id, send, ours }: Making): Promise<Receipt> {
  try {
    await act.change(name, id, send)
    return act.receipt()
  } catch (error) {
    const taken = error instanceof DrError && error.cause instanceof DBClusterSnapshotAlreadyExistsFault
    const made = taken ? await find(site, act, id) : 'absent'
    if (made === 'absent') throw error
    return toldOf(act, name, made, ours)
  }
}

/** A snapshot of the wanted name is there already: it is what was wanted, or the name is taken. */
function toldOf(act: Act, name: Verb, made: SnapshotFacts, ours: Making['ours']): Receipt {
  const from = made.sourceArn ?? made.cluster
  if (!ours(made))
    throw act.refuse(name, 'NameTaken', `there is a snapshot ${made.id} of something else: of ${from}`)
  if (made.status === 'failed')
    throw act.refuse(name, 'Failed', `${made.id} has failed: once it is deleted, it can be made again`)
  return act.receipt(`${made.arn} exists and is ${made.status}; nothing was asked for`)
}

/** One snapshot by its name or ARN, as the act's region knows it right now. */
async function find(site: Site, act: Act, id: string): Promise<OrAbsent<SnapshotFacts>> {
  const command = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id })
  const rds = site.client('rds', act.region, 'act')
  const answer = await act.read('rds:DescribeDBClusterSnapshots', (options) =>
    rds.send(command, options).catch((error: unknown) => {
      if (error instanceof DBClusterSnapshotNotFoundFault) return undefined
      throw error
    }),
  )
  const [snapshot] = answer?.DBClusterSnapshots ?? []
  return snapshot ? factsOf(snapshot, site.clocks.world.now()) : 'absent'
}

function factsOf(snapshot: DBClusterSnapshot, now: number): SnapshotFacts {
  const { SourceDBClusterSnapshotArn: sourceArn } = snapshot
  return {
    id: snapshot.DBClusterSnapshotIdentifier ?? '',
    arn: snapshot.DBClusterSnapshotArn ?? '',
    cluster: snapshot.DBClusterIdentifier ?? '',
    type: snapshot.SnapshotType ?? 'unknown',
    status: snapshot.Status ?? 'unknown',
    percent: snapshot.PercentProgress ?? 0,
    // One that is only being made has no time yet.
    createdAt: snapshot.SnapshotCreateTime?.getTime() ?? now,
    engineVersion: snapshot.EngineVersion ?? 'unknown',
    encrypted: snapshot.StorageEncrypted ?? false,
    ...(sourceArn ? { sourceArn } : {}),
  }
}
