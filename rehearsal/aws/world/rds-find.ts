import * as rds from '@aws-sdk/client-rds'
import { WireError } from '../wire/failure.ts'
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

export function findCluster(world: World, region: string, id: string | undefined): DbCluster {
  const here = world.rds.clusters.filter((cluster) => cluster.region === region)
  const found = here.find(({ arn }) => id !== undefined && same(id, arn))
  if (!found) throw new rds.DBClusterNotFoundFault(about(`DBCluster ${id} not found.`))
  return found
}

/** An ARN, or the identifier in it; identifiers are case-insensitive. */
export const same = (wanted: string, arn: string): boolean =>
  wanted === arn || wanted.toLowerCase() === arn.split(':').at(-1)

/** A new resource's identifier in lower case, or RDS's refusal of it. */
export function identifier(parameter: string, wanted = ''): string {
  if (!/^[a-z][a-z0-9-]{0,62}$/i.test(wanted) || wanted.endsWith('-') || wanted.includes('--'))
    throw new WireError(
      'InvalidParameterValue',
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    )
  return wanted.toLowerCase()
}
