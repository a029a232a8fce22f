import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling'
import {
  DescribeServicesCommand,
  type ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  type Service,
} from '@aws-sdk/client-ecs'
import { type Asking, chunks, pages } from './asking.ts'
import { isAbout } from './names.ts'
import type { Wish } from './wish.ts'

type Named = { readonly cluster: string; readonly name: string }
type Call = Parameters<Parameters<Asking['look']>[1]>[0]

const MANY = 50
const last = (arn: string): string => arn.split('/').at(-1) ?? arn

/** A region's ECS services of the application, with auto scaling's bounds; answers their target groups. */
export async function gatherServices(
  asking: Asking,
  wish: Wish,
  region: string,
  stems: readonly string[],
): Promise<readonly string[]> {
  const from = `ECS in ${region}`
  const services = await asking.look(from, async (call) => {
    const ecs = asking.client('ecs', region, wish.workload)
    const all = await servicesIn(ecs, call, wish)
    if (all.more)
      asking.gaps.push(`${from} has more clusters or services than were looked at: name the cluster.`)
    const mine = all.items.filter((one) => wish.clusterName !== undefined || isTheirs(one, stems))
    const others = all.items.filter((one) => !mine.includes(one))
    asking.note(
      from,
      others.map((one) => ({ kind: 'other-service', region, ...one })),
    )
    return describe(ecs, call, mine)
  })
  if (!services?.length) return []
  const bounds = await scalingOf(asking, wish, region, services)
  asking.note(
    from,
    services.map((service) => ({ kind: 'service', region, ...factsOfService(service, bounds) })),
  )
  return services.flatMap(groupsOf)
}

const isTheirs = ({ cluster, name }: Named, stems: readonly string[]) =>
  isAbout(cluster, stems) || isAbout(name, stems)

async function servicesIn(ecs: ECSClient, call: Call, { clusterName }: Wish) {
  const listed =
    clusterName === undefined
      ? await pages(async (nextToken) => {
          const command = new ListClustersCommand({ maxResults: 100, ...(nextToken ? { nextToken } : {}) })
          const told = await call((budget) => ecs.send(command, budget))
          return { items: told.clusterArns ?? [], token: told.nextToken }
        }, 1)
      : { items: [clusterName], more: false }
  const found: Named[] = []
  let more = listed.more || listed.items.length > MANY
  for (const cluster of listed.items.slice(0, MANY)) {
    const inIt = await pages(async (nextToken) => {
      const command = new ListServicesCommand({
        cluster,
        maxResults: 100,
        ...(nextToken ? { nextToken } : {}),
      })
      const told = await call((budget) => ecs.send(command, budget))
      return { items: told.serviceArns ?? [], token: told.nextToken }
    }, 20)
    more ||= inIt.more
    found.push(...inIt.items.map((arn) => ({ cluster: last(cluster), name: last(arn) })))
  }
  return { items: found, more }
}

async function describe(ecs: ECSClient, call: Call, mine: readonly Named[]): Promise<Service[]> {
  const batches = [...Map.groupBy(mine, ({ cluster }) => cluster)].flatMap(([cluster, all]) =>
    chunks(all, 10).map((batch) => ({ cluster, services: batch.map(({ name }) => name) })),
  )
  const found: Service[] = []
  for (const batch of batches) {
    const told = await call((budget) => ecs.send(new DescribeServicesCommand(batch), budget))
    found.push(...(told.services ?? []).filter(({ status }) => status === 'ACTIVE'))
  }
  return found.filter(({ schedulingStrategy }) => schedulingStrategy !== 'DAEMON')
}

const resourceOf = ({ clusterArn = '', serviceName }: Service) => `service/${last(clusterArn)}/${serviceName}`

/** Auto scaling's ceilings by resource; undefined when they could not be seen. */
function scalingOf(asking: Asking, { workload }: Wish, region: string, services: readonly Service[]) {
  return asking.look(`Application Auto Scaling in ${region}`, async (call) => {
    const scaling = asking.client('scaling', region, workload)
    const bounds = new Map<string, number>()
    for (const batch of chunks(services, 50)) {
      const command = new DescribeScalableTargetsCommand({
        ServiceNamespace: 'ecs',
        ScalableDimension: 'ecs:service:DesiredCount',
        ResourceIds: batch.map(resourceOf),
      })
      const { ScalableTargets = [] } = await call((budget) => scaling.send(command, budget))
      for (const { ResourceId = '', MaxCapacity = 0 } of ScalableTargets) bounds.set(ResourceId, MaxCapacity)
    }
    return bounds
  })
}

function factsOfService(service: Service, bounds: ReadonlyMap<string, number> | undefined) {
  const max = bounds && (bounds.get(resourceOf(service)) ?? ('none' as const))
  const groups = groupsOf(service)
  return {
    cluster: last(service.clusterArn ?? ''),
    name: service.serviceName ?? '',
    desired: service.desiredCount ?? 0,
    groups,
    ...(max === undefined ? {} : { max }),
  }
}

/** Where CodeDeploy deploys, a service's load balancers are those of its task sets. */
const groupsOf = ({ loadBalancers = [], taskSets = [] }: Service): string[] => {
  const primary = taskSets.filter(({ status }) => status === 'PRIMARY')
  const all = [...loadBalancers, ...primary.flatMap(({ loadBalancers: own = [] }) => own)]
  return [...new Set(all.flatMap(({ targetGroupArn }) => targetGroupArn ?? []))]
}
