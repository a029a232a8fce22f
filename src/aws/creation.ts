import {
  CreateGlobalClusterCommand,
  DescribeGlobalClustersCommand,
  GlobalClusterNotFoundFault,
} from '@aws-sdk/client-rds'
import type { Outside, Side } from '../flows/world.ts'
import type { Act } from './act.ts'
import { globalFacts, readCluster } from './database-facts.ts'
import type { Site } from './site.ts'

const name = 'rds:CreateGlobalCluster'

/** RDS: a new global cluster under the plan's name, with a side's standalone cluster as its writer. */
export function createGlobal(site: Site): Outside['database']['createGlobal'] {
  return async (side) => {
    const id = site.plan.database.globalCluster
    const act = site.act(side)
    const [cluster, global] = await Promise.all([standalone(site, act, side), planned(site, act)])
    const { arn } = cluster
    if (global?.members.some((member) => member.arn === arn))
      return act.receipt(`${arn} is a member of ${id} already; nothing was asked for`)
    if (global) {
      const members = global.members.map((member) => member.arn).join(', ') || 'no members'
      throw act.refuse(name, 'NameTaken', `there is a global cluster ${id} already, with ${members}`)
    }
    if (cluster.globalCluster)
      throw act.refuse(name, 'NotStandalone', `${arn} belongs to ${cluster.globalCluster}`)
    if (cluster.status !== 'available') throw act.refuse(name, 'NotAvailable', `${arn} is ${cluster.status}`)
    const command = new CreateGlobalClusterCommand({
      GlobalClusterIdentifier: id,
      SourceDBClusterIdentifier: arn,
    })
    await act.change(name, arn, (options) => site.client('rds', side, 'once').send(command, options))
    return act.receipt()
  }
}

async function standalone(site: Site, act: Act, side: Side) {
  const cluster = site.plan.database.clusters[side]
  const facts = await act.read('rds:DescribeDBClusters', (options) =>
    readCluster(site.client('rds', side, 'act'), cluster, options),
  )
  if (facts === 'absent') throw act.refuse(name, 'NotFound', `there is no cluster ${cluster}`)
  return facts
}

async function planned(site: Site, act: Act) {
  const command = new DescribeGlobalClustersCommand({
    GlobalClusterIdentifier: site.plan.database.globalCluster,
  })
  const answer = await act.read('rds:DescribeGlobalClusters', (options) =>
    site
      .client('rds', act.region, 'act')
      .send(command, options)
      .catch((error: unknown) => {
        if (error instanceof GlobalClusterNotFoundFault) return undefined
        throw error
      }),
  )
  const [cluster] = answer?.GlobalClusters ?? []
  return cluster ? globalFacts(cluster) : undefined
}
