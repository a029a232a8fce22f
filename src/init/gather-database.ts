import {
  DescribeDBClustersCommand,
  DescribeGlobalClustersCommand,
  type GlobalCluster,
} from '@aws-sdk/client-rds'
import type { Asking } from './asking.ts'
import type { Wish } from './wish.ts'

/** The global cluster and its members, as the first of the regions tells them; answers the members' regions. */
export async function gatherGlobal(asking: Asking, wish: Wish): Promise<readonly string[]> {
  const { globalCluster: id, workload } = wish
  const answers = [wish.home, ...(wish.dr ? [wish.dr] : [])].map(async (region) => {
    const from = `RDS in ${region}`
    const told = await asking.look(from, (call) =>
      call((budget) =>
        asking
          .client('rds', region, workload)
          .send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: id }), budget),
      ),
    )
    return { from, global: told?.GlobalClusters?.[0] }
  })
  for (const answer of answers) {
    const { from, global } = await answer
    if (global) {
      noteGlobal(asking, from, global)
      return (global.GlobalClusterMembers ?? []).map(
        ({ DBClusterArn = '' }) => DBClusterArn.split(':')[3] ?? '',
      )
    }
  }
  await Promise.all(answers)
  return []
}

function noteGlobal(asking: Asking, from: string, global: GlobalCluster): void {
  asking.note(from, [
    {
      kind: 'global-cluster',
      id: global.GlobalClusterIdentifier ?? '',
      ...(global.Endpoint ? { endpoint: global.Endpoint } : {}),
    },
    ...(global.GlobalClusterMembers ?? []).map(({ DBClusterArn: arn = '', IsWriter: writer = false }) => {
      const [, , , region = '', account = '', , id = ''] = arn.split(':')
      return { kind: 'db-cluster' as const, region, id, account, writer }
    }),
  ])
}

/** The key of a region's cluster: what rescued snapshots there would be copied under. */
export async function gatherKeys(asking: Asking, wish: Wish, region: string): Promise<void> {
  const ids = asking.facts.flatMap((fact) =>
    fact.kind === 'db-cluster' && fact.region === region ? [fact.id] : [],
  )
  const from = `RDS in ${region}`
  for (const id of ids)
    await asking.look(from, async (call) => {
      const rds = asking.client('rds', region, wish.workload)
      const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id })
      const { DBClusters: [cluster] = [] } = await call((budget) => rds.send(command, budget))
      if (cluster?.KmsKeyId) asking.note(from, [{ kind: 'key', region, arn: cluster.KmsKeyId }])
    })
}
