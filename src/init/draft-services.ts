import { type FactOf, factsOf, SIDES, type Side } from './facts.ts'
import { pairingName } from './names.ts'
import { both, onSide, type Place } from './place.ts'
import { fill, isKnown, known, type Sides, type Slot } from './slot.ts'

type Service = FactOf<'service'>
type Pair = Readonly<Partial<Record<Side, Service>>>
export type ServiceDraft = ReturnType<typeof serviceDraft>

const other = (side: Side): Side => (side === 'home' ? 'dr' : 'home')

/** The services of both sides, paired by their names; and what was seen and not taken. */
export function servicesDraft(place: Place) {
  const pairs = pairsOf(both((side) => withCluster(place, side)))
  const left = factsOf(place.facts, 'other-service').map(
    ({ region, cluster, name }) => `${cluster}/${name} in ${region}`,
  )
  return {
    services: (pairs.length ? pairs : [{}]).map((pair) => serviceDraft(place, pair)),
    otherServices: left,
  }
}

/** A Terraform output may name a service and not its cluster, which then is the side's only one. */
function withCluster(place: Place, side: Side): Service[] {
  const services = onSide(place, 'service', side)
  const [cluster, second] = onSide(place, 'ecs-cluster', side)
  const whole = services.filter((service) => service.cluster)
  const bare = services.filter(
    (service) => !service.cluster && !whole.some(({ name }) => name === service.name),
  )
  return [
    ...whole,
    ...bare.map((service) => (cluster && !second ? { ...service, cluster: cluster.name } : service)),
  ]
}

function pairsOf({ home, dr }: Sides<Service[]>): Pair[] {
  const free = new Set(dr)
  const take = (fits: (service: Service) => boolean) => {
    const found = [...free].find(fits)
    if (found) free.delete(found)
    return found
  }
  const exact = new Map(home.map((service) => [service, take(({ name }) => name === service.name)]))
  const pairs = home.map((service): Pair => {
    const partner = exact.get(service) ?? take(({ name }) => pairingName(name) === pairingName(service.name))
    return { home: service, ...(partner ? { dr: partner } : {}) }
  })
  return [...pairs, ...[...free].map((service): Pair => ({ dr: service }))]
}

function serviceDraft(place: Place, pair: Pair) {
  const one = pair.home ?? pair.dr
  const missing = `the ${one ? 'counterpart on this side' : 'ECS service on this side'}: none was found`
  const field = (side: Side, value: (service: Service) => string): Slot => {
    const service = pair[side]
    return service && value(service) ? known(value(service), service.from) : fill(missing)
  }
  return {
    name: one ? known(one.name, one.from) : fill('what people call it'),
    ecs: both((side) => ({
      cluster: field(side, ({ cluster }) => cluster),
      service: field(side, ({ name }) => name),
    })),
    capacity: capacityDraft(place, pair),
    targetGroup: targetGroups(place, pair),
  }
}

/** The side whose database cluster is the writer; home where nobody could tell. */
function serving(place: Place): { readonly side: Side; readonly seen: boolean } {
  const side = SIDES.find((each) => onSide(place, 'db-cluster', each).some(({ writer }) => writer))
  return { side: side ?? 'home', seen: side !== undefined }
}

function capacityDraft(place: Place, pair: Pair) {
  const { side: now, seen } = serving(place)
  const [active, standby] = [pair[now], pair[other(now)]]
  const whose = seen ? 'desired now, while it serves' : 'desired now; it could not be seen which side serves'
  const activeOf = (side: Side): Slot<number> => {
    if (!active?.desired) return fill('tasks while this side serves, at least 1')
    return side === now
      ? known(active.desired, active.from, `${whose}: auto scaling may have moved it`)
      : known(active.desired, active.from, `as on the ${now} side: this side does not serve now`)
  }
  const standbyOf = (side: Side): Slot<number> => {
    if (standby?.desired === undefined) return fill('tasks while this side waits, 0 for a pilot light')
    if (standby.desired > (active?.desired ?? 0))
      return fill(
        `tasks while this side waits; now ${standby.desired} run on the waiting side, more than serve`,
      )
    return side === now
      ? known(standby.desired, standby.from, `as on the ${other(now)} side: this side serves now`)
      : known(standby.desired, standby.from, 'desired now, while it waits')
  }
  return both((side) => {
    const tasks = activeOf(side)
    return { active: tasks, standby: standbyOf(side), max: maxOf(pair[side], tasks, active) }
  })
}

/** The ceiling while a side serves; where it waits, auto scaling may be held down, and then the other side's counts. */
function maxOf(
  service: Service | undefined,
  tasks: Slot<number>,
  serving: Service | undefined,
): Slot<number> {
  const missing = "auto scaling's ceiling, at least as many as active"
  if (!service || service.max === undefined || !isKnown(tasks)) return fill(missing)
  const from = `Application Auto Scaling in ${service.region}`
  if (service.max === 'none')
    return known(tasks.value, from, 'no auto scaling is registered: as many as serve')
  if (service.max >= tasks.value) return known(service.max, from)
  const wanted = serving?.max
  if (typeof wanted !== 'number' || wanted < tasks.value)
    return fill(`${missing}: now it allows ${service.max}, and ${tasks.value} are needed to serve`)
  return known(wanted, from, `as on the side that serves: here it is ${service.max} while it waits`)
}

/** A group a side: the service's own, or, where only outputs name groups, the one that is called like it. */
function targetGroups(place: Place, pair: Pair): Sides<Slot> | undefined {
  const found = both((side) => groupOf(place, pair[side], side))
  if (!found.home && !found.dr) return undefined
  return both((side) => found[side] ?? fill('the target group of the service on this side'))
}

function groupOf(place: Place, service: Service | undefined, side: Side): Slot | undefined {
  if (!service) return undefined
  const [own, ...more] = service.groups ?? []
  if (own)
    return known(
      own,
      service.from,
      more.length ? `it has ${more.length + 1}; does this one prove it?` : undefined,
    )
  const named = onSide(place, 'group', side).filter(
    ({ arn }) => pairingName(arn.split('/')[1] ?? '') === pairingName(service.name),
  )
  const [only, second] = named
  return only && !second ? known(only.arn, only.from, 'it is called like the service') : undefined
}

/**
 * The listeners whose default action can go to more than one target group: only there a failover has something to
 * switch. Undefined when there are none.
 */
export function listenerDraft(place: Place, services: readonly ServiceDraft[]) {
  const found = both((side) => onSide(place, 'listener', side))
  const drafts = both((side) => listenerOn(found[side], services, side))
  const plain = SIDES.flatMap((side) => found[side].filter(({ forwards }) => size(forwards) < 2))
  return { drafts: drafts.home || drafts.dr ? drafts : undefined, plain }
}

const size = (forwards: Readonly<Record<string, number>> | undefined) => Object.keys(forwards ?? {}).length

function listenerOn(all: readonly FactOf<'listener'>[], services: readonly ServiceDraft[], side: Side) {
  const switching = all
    .filter(({ forwards }) => size(forwards) > 1)
    .sort((a, b) => preference(a.port) - preference(b.port))
  const [listener] = switching
  if (!listener) return undefined
  const { arn, from, forwards = {} } = listener
  const groups = services.flatMap(({ targetGroup }) => {
    const slot = targetGroup?.[side]
    return slot && 'value' in slot ? [slot.value] : []
  })
  const serving = Object.keys(forwards).filter((group) => groups.includes(group))
  const heaviest = Object.entries(forwards).sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
  return {
    arn: known(arn, from, switching.length > 1 ? `of ${switching.length} that can switch` : undefined),
    serves:
      serving.length === 1
        ? known(serving[0] as string, 'the target group of the service')
        : known(heaviest, from, 'the target group that has the most weight now'),
  }
}

/** Customers' ports before those of tests. */
const preference = (port = 0): number => [443, 80].indexOf(port) >>> 0
