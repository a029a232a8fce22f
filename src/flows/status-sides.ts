import type { Plan } from '../plan/schema.ts'
import { alarmsLine, probeLine, unseenLine, whyUnseen } from './seen.ts'
import type { Line, StatusFacts } from './status.ts'
import type { ServiceFacts, Side } from './world.ts'

type Role = 'active' | 'standby' | 'unknown'

/** What one side is like: cluster, services, listener, stack, alarms. A dark region is a list of unknowns. */
export function sideLines(plan: Plan, facts: StatusFacts, side: Side, role: Role): readonly Line[] {
  return [
    clusterLine(plan, facts, side),
    ...serviceLines(plan, facts, side, role),
    ...listenerLines(plan, facts, side, role),
    ...domainLines(facts, side),
    sideProbe(facts, side, role),
    sideAlarms(facts, side, role),
  ]
}

/** A standby without the writer may well say that it is not healthy: that it answers is what counts. */
function sideProbe({ stack }: StatusFacts, side: Side, role: Role): Line {
  const line = probeLine('Stack probe', stack[side])
  const look = stack[side]
  if (role !== 'standby' || !look.ok || look.value.healthy) return line
  return { ...line, value: `answers ${look.value.status}, as a standby without the writer may`, level: 'ok' }
}

/** A standby gets no traffic, so its alarms have no data: that alone is as it should be. */
function sideAlarms({ alarms }: StatusFacts, side: Side, role: Role): Line {
  const line = alarmsLine('Alarms', alarms[side])
  return role === 'standby' && alarms[side].ok && line.level === 'unknown' ? { ...line, level: 'ok' } : line
}

function clusterLine(plan: Plan, { clusters }: StatusFacts, side: Side): Line {
  const label = 'Cluster'
  const look = clusters[side]
  const name = plan.database.clusters[side]
  if (!look.ok) return unseenLine(label, whyUnseen(look))
  if (look.value === 'absent') return { label, value: `${name} does not exist`, level: 'bad' }
  const { status, engineVersion, instances, globalCluster } = look.value
  const available = instances.filter((instance) => instance.status === 'available').length
  const value = `${name} ${status}, engine ${engineVersion}, ${available}/${instances.length} instances available`
  if (!globalCluster) return { label, value: `${value}, in no global cluster`, level: 'bad' }
  return { label, value, level: status === 'available' && available > 0 ? 'ok' : 'bad' }
}

function serviceLines(plan: Plan, { services }: StatusFacts, side: Side, role: Role): Line[] {
  const look = services[side]
  if (!look.ok) return [unseenLine('Services', whyUnseen(look))]
  return plan.services.map((planned) => {
    const service = look.value.find(({ name }) => name === planned.name)
    if (!service) return { label: planned.name, value: 'the service does not exist', level: 'bad' }
    const wanted = planned.capacity[side][role === 'active' ? 'active' : 'standby']
    return { label: planned.name, value: serviceText(service, wanted), level: serviceLevel(service, wanted) }
  })
}

function serviceText({ running, desired, scaling, healthyTargets }: ServiceFacts, wanted: number): string {
  const { suspended } = scaling ?? {}
  const parts = [
    `${running} running / ${desired} desired / min ${scaling?.min ?? '–'}`,
    healthyTargets === undefined ? '' : `${healthyTargets} healthy`,
    scalingText(suspended),
    desired < wanted ? `the plan wants ${wanted}` : '',
  ]
  return parts.filter(Boolean).join(', ')
}

/** Scaling in is held by a failover on purpose; when nothing scales at all, that is another matter. */
function scalingText(suspended: NonNullable<ServiceFacts['scaling']>['suspended'] | undefined): string {
  if (suspended?.out) return 'does not scale out'
  return suspended?.in || suspended?.scheduled ? 'is not scaled in' : ''
}

const serviceLevel = ({ running, desired }: ServiceFacts, wanted: number): Line['level'] =>
  running < wanted && running === 0 ? 'bad' : running < desired || desired < wanted ? 'warn' : 'ok'

/** On a standby the listener may point elsewhere, for a pilot light: a failover switches it. */
function listenerLines(plan: Plan, { listeners }: StatusFacts, side: Side, role: Role): Line[] {
  const label = 'Listener'
  const planned = plan.listener?.[side]
  if (!planned) return []
  const look = listeners[side]
  if (!look.ok) return [unseenLine(label, whyUnseen(look))]
  if (look.value === 'absent') return [{ label, value: 'it does not exist', level: 'bad' }]
  const { healthy } = look.value
  const live = Object.entries(look.value.forwards).filter(([, weight]) => weight > 0)
  const value = live
    .map(([group, weight]) => `${groupName(group)} ${weight} (${healthy[group] ?? 0} healthy)`)
    .join(', ')
  const serves = live.some(([group]) => group === planned.serves)
  if (serves) return [{ label, value, level: 'ok' }]
  const forwards = value || 'forwards nowhere'
  if (role === 'standby') return [{ label, value: `${forwards}; a failover switches it`, level: 'ok' }]
  return [{ label, value: forwards, level: 'warn' }]
}

/** The record can only be taken by a side whose API Gateway knows the name. */
function domainLines({ domains }: StatusFacts, side: Side): Line[] {
  const label = 'API Gateway'
  const look = domains[side]
  if (!look.ok) return [unseenLine(label, whyUnseen(look))]
  return look.value.map(({ name, available }) => ({
    label,
    value: available ? `${name} exists` : `${name} does not exist: the record could not be taken`,
    level: available ? 'ok' : 'bad',
  }))
}

/** What people know a target group by, out of its ARN. */
const groupName = (arn: string) => arn.split(':').at(-1)?.split('/')[1] ?? arn
