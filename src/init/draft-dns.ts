import { bare, type FactOf, factsOf, SIDES, type Side, sameName } from './facts.ts'
import { regionInName, sideInName } from './names.ts'
import { both, onSide, type Place } from './place.ts'
import { fill, known, only, type Sides, type Slot } from './slot.ts'

type Record = FactOf<'record'>
type Target = { readonly dnsName: Slot; readonly hostedZoneId: Slot }
type Entrance = FactOf<'balancer'> | FactOf<'domain'>

/** The zone, the records that move, and each side's own names. */
export function dnsDraft(place: Place) {
  const records = factsOf(place.facts, 'record')
  const pointing = records.filter((record) => record.target && pointsTo(place, record) !== undefined)
  const { record: wanted } = place.given
  const moving = movingOf(records, pointing, wanted)
  const usable = moving.filter(({ shared }) => !shared)
  const drafts = usable.map((record) => recordDraft(place, record, usable.length))
  return {
    hostedZoneId: zoneDraft(place, moving),
    records: drafts.length ? drafts : [unknownRecord(place, records)],
    refused: moving.filter(({ shared }) => shared).map(({ name }) => name),
    /** Names that always mean one side: what a stack probe may ask. */
    own: both((side) =>
      pointing.filter((record) => isOwn(record) && pointsTo(place, record) === side).map(({ name }) => name),
    ),
  }
}

/** The records that are to move: the one that was named, or those that an output names, or all that are no side's own. */
function movingOf(records: readonly Record[], pointing: readonly Record[], wanted: string | undefined) {
  const called = (names: readonly string[]) => (record: Record) =>
    record.target && names.some((name) => sameName(name, record.name))
  if (wanted !== undefined) return records.filter(called([wanted]))
  const told = pointing.filter(called(records.filter(({ target }) => !target).map(({ name }) => name)))
  return told.length ? told : pointing.filter((record) => !isOwn(record))
}

/** Its name speaks of a side or a region: that side's own address, which no failover moves. */
const isOwn = ({ name }: Record): boolean =>
  regionInName(name) !== undefined || sideInName(name) !== undefined

const entrances = (place: Place, side: Side): Entrance[] => [
  ...onSide(place, 'domain', side),
  ...onSide(place, 'balancer', side),
]

const pointsTo = (place: Place, { target }: Record): Side | undefined =>
  SIDES.find((side) =>
    entrances(place, side).some(({ dnsName }) => target && sameName(dnsName, target.dnsName)),
  )

function zoneDraft(place: Place, moving: readonly Record[]): Slot {
  const ids = [...new Set(moving.flatMap(({ zone }) => zone ?? []))]
  const [id, second] = ids
  if (id && !second) return known(id, 'Route 53: the zone of the record')
  const { zone: wanted } = place.given
  const zones = factsOf(place.facts, 'zone').filter(
    ({ id: zone, name }) => wanted === undefined || zone === wanted || (name && sameName(name, wanted)),
  )
  return only(zones, (zone) => zone.id, 'the id of the public hosted zone')
}

function recordDraft(place: Place, record: Record, of: number) {
  const now = pointsTo(place, record)
  const prefix = /^dualstack\./i.test(record.target?.dnsName ?? '') ? 'dualstack.' : ''
  const kind =
    now && entrances(place, now).find((each) => sameName(each.dnsName, record.target?.dnsName ?? ''))?.kind
  const domain = factsOf(place.facts, 'domain').find(({ name }) => name && sameName(name, record.name))
  return {
    name: known(
      record.name,
      record.from,
      of > 1 ? `one of ${of} that point to a side; do all of them move?` : undefined,
    ),
    type: record.type ?? 'A',
    targets: both((side) => targetOf(place, side, kind, record, prefix)),
    evaluateTargetHealth: record.evaluateTargetHealth ?? false,
    apiGatewayDomain: kind === 'domain' ? domain?.name : undefined,
    now,
  }
}

/** The side's entrance of the same kind as the one that is pointed to; for a custom domain, the one of that name. */
function targetOf(
  place: Place,
  side: Side,
  kind: Entrance['kind'] | undefined,
  record: Pick<Record, 'name' | 'target'>,
  prefix: string,
): Target {
  const all = entrances(place, side).filter((each) => kind === undefined || each.kind === kind)
  const here = all.filter(({ dnsName }) => sameName(dnsName, record.target?.dnsName ?? ''))
  const named = all.filter((each) => each.kind === 'domain' && each.name && sameName(each.name, record.name))
  const fitting = [here, named, all].find((some) => some.length > 0) ?? []
  // Of two that say the same, the first source's counts.
  const different = [...new Map(fitting.toReversed().map((each) => [bare(each.dnsName), each])).values()]
  const missing = `what the record points to on the ${side} side: nothing was found`
  const dnsName = only(different, (each) => `${prefix}${each.dnsName}`, missing)
  const [one, second] = different
  return {
    dnsName,
    hostedZoneId: one && !second ? zoneOf(place, one) : fill("that target's own hosted zone id"),
  }
}

/** The hosted zone of the target itself; an output may name it beside the target. */
function zoneOf(place: Place, { kind, region, hostedZoneId, from }: Entrance): Slot {
  if (hostedZoneId) return known(hostedZoneId, from)
  const beside = factsOf(place.facts, 'target-zone').filter(
    (zone) => zone.region === region && zone.of === kind,
  )
  return only(beside, ({ id }) => id, "that target's own hosted zone id")
}

/** No record points to either side, as far as could be seen; an output may name it. */
function unknownRecord(place: Place, records: readonly Record[]) {
  const names = records.filter((record) => !record.target && !isOwn(record))
  const wanted = place.given.record
  const name: Slot =
    wanted === undefined
      ? only(names, (record) => record.name, 'the name that customers use: no alias to either side was found')
      : known(wanted, 'the command line', 'no such alias was found')
  const target: Sides<Target> = both((side) =>
    targetOf(place, side, undefined, { name: 'value' in name ? name.value : '' }, ''),
  )
  return {
    name,
    type: 'A' as const,
    targets: target,
    evaluateTargetHealth: false,
    apiGatewayDomain: undefined,
    now: undefined,
  }
}
