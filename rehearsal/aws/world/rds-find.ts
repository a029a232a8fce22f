import * as rds from '@aws-sdk/client-rds'
import { clusterByArn, type DbCluster, type GlobalCluster } from './rds.ts'
import type { World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })

export function findGlobal(world: World, id: string | undefined): GlobalCluster {
  const found = world.rds.globals.find((global) => id !== undefined && same(id, global.arn))
  if (!found) throw new rds.GlobalClusterNotFoundFault(about(`Global cluster ${id} not found`))
  return found
}

/** Only the ARN names a cluster of another region. */
export function memberOf(world: World, global: GlobalCluster, arn: string | undefined): DbCluster {
  const cluster = arn === undefined ? undefined : clusterByArn(world, arn)
  if (!cluster || !global.members.includes(cluster.arn))
    throw new rds.DBClusterNotFoundFault(about(`DBCluster ${arn} not found.`))
  return cluster
}

/** An ARN, or the identifier in it; identifiers are case-insensitive. */
export const same = (wanted: string, arn: string): boolean =>
  wanted === arn || wanted.toLowerCase() === arn.split(':').at(-1)
