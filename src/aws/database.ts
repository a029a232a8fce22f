import {
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
  GlobalClusterNotFoundFault,
  RemoveFromGlobalClusterCommand,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds'
import { type Outside, otherSide, type Side } from '../flows/world.ts'
import type { Act } from './act.ts'
import { globalFacts, readCluster } from './database-facts.ts'
import type { Site } from './site.ts'

type Database = Outside['database']

/** RDS: the global cluster and its two clusters, and who of them is the writer. */
export function database(
  site: Site,
): Pick<Database, 'global' | 'cluster' | 'failoverTo' | 'switchOverTo' | 'detach'> {
  const id = site.plan.database.globalCluster

  return {
    global: (via) =>
      site.look('RDS', via, async (budget) => {
        try {
          const command = new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: id })
          const { GlobalClusters } = await site.client('rds', via, 'probe').send(command, budget)
          const [cluster] = GlobalClusters ?? []
          return cluster ? globalFacts(cluster) : 'absent'
        } catch (error) {
          if (error instanceof GlobalClusterNotFoundFault) return 'absent'
          throw error
        }
      }),

    cluster: (side) =>
      site.look('RDS', side, (budget) =>
        readCluster(site.client('rds', side, 'probe'), site.plan.database.clusters[side], budget),
      ),

    failoverTo: (side) => failover(site, side),
    switchOverTo: (side) => switchover(site, side),
    detach: (side) => detach(site, side),
  }
}

async function failover(site: Site, side: Side) {
  const name = 'rds:FailoverGlobalCluster'
  const act = site.act(side)
  const { target } = await seen(site, act, side)
  if (!target) throw act.refuse(name, 'NotAMember', `no member of the global cluster is in ${act.region}`)
  if (target.isWriter) return act.receipt(`${target.arn} is the writer already; nothing was asked for`)
  // Asked even while an operation is under way: whoever comes here then wants just that, and AWS refuses what it must.
  const command = new FailoverGlobalClusterCommand({
    GlobalClusterIdentifier: site.plan.database.globalCluster,
    TargetDbClusterIdentifier: target.arn,
    AllowDataLoss: true,
  })
  await act.change(name, target.arn, (options) => site.client('rds', side, 'once').send(command, options))
  return act.receipt()
}

async function switchover(site: Site, side: Side) {
  const name = 'rds:SwitchoverGlobalCluster'
  const primarySide = otherSide(side)
  const act = site.act(primarySide)
  const { facts, target } = await seen(site, act, side)
  if (!target) throw act.refuse(name, 'NotAMember', `no member of the global cluster is on the ${side} side`)
  if (target.isWriter) return act.receipt(`${target.arn} is the writer already; nothing was asked for`)
  if (facts.operation?.toArn === target.arn)
    return act.receipt(`a switch to ${target.arn} is under way already; nothing was asked for`)
  const primary = facts.members.find(({ isWriter }) => isWriter)
  if (primary?.region !== act.region)
    throw act.refuse(name, 'WrongRegion', `the primary is in ${primary?.region ?? 'no region'}`)
  const command = new SwitchoverGlobalClusterCommand({
    GlobalClusterIdentifier: site.plan.database.globalCluster,
    TargetDbClusterIdentifier: target.arn,
  })
  await act.change(name, primary.arn, (options) =>
    site.client('rds', primarySide, 'once').send(command, options),
  )
  act.say(`asked to make ${target.arn} the writer`)
  return act.receipt()
}

async function detach(site: Site, side: Side) {
  const name = 'rds:RemoveFromGlobalCluster'
  const act = site.act(side)
  const { target } = await seen(site, act, side)
  if (!target) return act.receipt(`the ${side} cluster is in no global cluster; nothing was asked for`)
  if (target.isWriter)
    throw act.refuse(name, 'IsWriter', `${target.arn} is the writer: only a secondary is detached`)
  const command = new RemoveFromGlobalClusterCommand({
    GlobalClusterIdentifier: site.plan.database.globalCluster,
    DbClusterIdentifier: target.arn,
  })
  await act.change(name, target.arn, (options) => site.client('rds', side, 'once').send(command, options))
  return act.receipt()
}

/** The global cluster as the act's own region describes it right now, and the member of a side. */
async function seen(site: Site, act: Act, side: Side) {
  const command = new DescribeGlobalClustersCommand({
    GlobalClusterIdentifier: site.plan.database.globalCluster,
  })
  const { GlobalClusters } = await act.read('rds:DescribeGlobalClusters', (options) =>
    site.client('rds', act.region, 'act').send(command, options),
  )
  const facts = globalFacts(GlobalClusters?.[0] ?? {})
  const cluster = site.plan.database.clusters[side]
  const target = facts.members.find(
    ({ arn, region }) => region === site.plan.regions[side] && arn.endsWith(`:cluster:${cluster}`),
  )
  return { facts, target }
}
