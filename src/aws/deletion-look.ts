import { DescribeGlobalClustersCommand, type GlobalCluster } from '@aws-sdk/client-rds'
import {
  type ClusterFacts,
  type GlobalClusterFacts,
  type Look,
  type OrAbsent,
  otherSide,
  type RecordFacts,
  type Side,
} from '../flows/world.ts'
import { type Act, regionOf } from './act.ts'
import { globalFacts, readCluster } from './database-facts.ts'
import { dns } from './dns.ts'
import type { Site } from './site.ts'

/** What a deletion is decided by, all of it looked at in the same moment. */
export type Scene = {
  readonly side: Side
  readonly region: string
  readonly account: string
  /** The cluster that is to go. */
  readonly stale: OrAbsent<ClusterFacts>
  /** The other side's, which has to be the one that serves. */
  readonly live: OrAbsent<ClusterFacts>
  /** Every global cluster either region knows; one that both know is here twice, as each of them describes it. */
  readonly globals: readonly Global[]
  readonly records: Look<readonly RecordFacts[]>
}
type Global = GlobalClusterFacts & { readonly id: string }

/** Looks at both regions and at the records. Throws as `Act.read` does when either region does not answer. */
export async function sceneOf(site: Site, side: Side): Promise<Scene> {
  const here = site.act(side)
  const there = site.act(otherSide(side))
  const [stale, live, ofHere, ofThere, records] = await Promise.all([
    clusterOf(site, here, side),
    clusterOf(site, there, otherSide(side)),
    globalsOf(site, here),
    globalsOf(site, there),
    dns(site).records(),
  ])
  const { regions, accounts } = site.plan
  return {
    side,
    region: regions[side],
    account: accounts.workload.id,
    stale,
    live,
    globals: [...ofHere, ...ofThere],
    records,
  }
}

type Why = { readonly code: string; readonly words: string }

/** Why nothing of the stale cluster may be deleted now; nothing when every doubt is settled. */
export function unsafe(scene: Scene): Why | undefined {
  return notServing(scene) ?? notOurs(scene) ?? stillMember(scene)
}

/** The other side has to be the one customers write to. */
function notServing({ side, live, globals, records }: Scene): Why | undefined {
  const other = otherSide(side)
  const unready = (words: string) => ({ code: 'OtherSideNotServing', words })
  if (live === 'absent') return unready(`the ${other} side has no cluster`)
  if (live.status !== 'available') return unready(`${live.arn} is ${live.status}`)
  if (!live.instances.some(({ isWriter, status }) => isWriter && status === 'available'))
    return unready(`${live.arn} has no available writer`)
  for (const { id, members, status, operation } of globals) {
    const member = members.find(({ arn }) => arn === live.arn)
    if (!member) continue
    if (!member.isWriter) return unready(`${live.arn} is not the writer of ${id}`)
    if (operation) return unready(`${id} is in the middle of an operation: ${operation.status}`)
    if (status !== 'available') return unready(`${id} is ${status}`)
  }
  if (!records.ok) return unready(`where customers are sent is not known: ${records.detail}`)
  const astray = records.value.find(({ owner }) => owner !== other)
  if (astray) return unready(`${astray.name} ${astray.type} does not point to the ${other} side`)
  return undefined
}

/** Home and dr exchanged, or another account's credentials, would delete the wrong cluster. */
function notOurs({ stale, region, account }: Scene): Why | undefined {
  if (stale === 'absent') return undefined
  if (regionOf(stale.arn) !== region)
    return { code: 'WrongRegion', words: `${stale.arn} is not in ${region}` }
  if (stale.arn.split(':')[4] !== account)
    return { code: 'WrongAccount', words: `${stale.arn} is not in account ${account}` }
  return undefined
}

/** A cluster that somebody replicates to or from is no stale one. */
function stillMember({ stale, live, globals }: Scene): Why | undefined {
  if (stale === 'absent') return undefined
  const its = globals.filter(({ members }) => members.some(({ arn }) => arn === stale.arn))
  for (const { id, members, operation } of its) {
    const others = members.filter(({ arn }) => arn !== stale.arn).map(({ arn }) => arn)
    const code = live !== 'absent' && others.includes(live.arn) ? 'LiveMember' : 'HasOtherMembers'
    if (others.length)
      return { code, words: `${stale.arn} is a member of ${id} together with ${others.join(', ')}` }
    if (operation)
      return { code: 'InFlight', words: `${id} is in the middle of an operation: ${operation.status}` }
  }
  if (stale.globalCluster && !its.some(({ id }) => id === stale.globalCluster))
    return {
      code: 'Unclear',
      words: `${stale.arn} says it belongs to ${stale.globalCluster}, which does not list it`,
    }
  return undefined
}

const clusterOf = (site: Site, act: Act, side: Side) =>
  act.read('rds:DescribeDBClusters', (options) =>
    readCluster(site.client('rds', side, 'act'), site.plan.database.clusters[side], options),
  )

/** All of them, because a cluster may have been put into one that the plan does not name. */
async function globalsOf(site: Site, act: Act): Promise<readonly Global[]> {
  const rds = site.client('rds', act.region, 'act')
  const found: GlobalCluster[] = []
  let Marker: string | undefined
  do {
    const command = new DescribeGlobalClustersCommand({ MaxRecords: 100, ...(Marker ? { Marker } : {}) })
    const page = await act.read('rds:DescribeGlobalClusters', (options) => rds.send(command, options))
    found.push(...(page.GlobalClusters ?? []))
    Marker = page.Marker
  } while (Marker)
  return found.map((cluster) => ({
    ...globalFacts(cluster),
    id: cluster.GlobalClusterIdentifier ?? '',
  }))
}
