import { dnsDraft } from './draft-dns.ts'
import { regionsDraft } from './draft-regions.ts'
import { listenerDraft, servicesDraft } from './draft-services.ts'
import { type Fact, type FactOf, factsOf, SIDES, type Side } from './facts.ts'
import { isAbout, stemsOf } from './names.ts'
import { both, type Given, onSide, type Place, sideAt } from './place.ts'
import { fill, known, only, type Slot } from './slot.ts'

/** A plan as far as it is known. */
export type Draft = ReturnType<typeof draft>

/** From what was found to a plan: each field known with its source, guessed and to be confirmed, or to be filled in. */
export function draft(facts: readonly Fact[], given: Given) {
  const { name } = given
  const regions = regionsDraft(facts, given)
  const at: Partial<Record<Side, string>> = Object.fromEntries(
    SIDES.flatMap((side) => {
      const slot = regions[side]
      return 'value' in slot ? [[side, slot.value]] : []
    }),
  )
  const stems = stemsOf([name, ...(given.globalCluster ? [given.globalCluster] : [])])
  const place: Place = { facts, at, stems, given }
  const services = servicesDraft(place)
  return {
    name,
    regions,
    accounts: accountsDraft(facts, given),
    database: databaseDraft(place),
    ...services,
    listener: listenerDraft(place, services.services),
    dns: dnsDraft(place),
    probes: probesDraft(place),
    alarms: both((side) => alarmsDraft(place, side)),
    builds: factsOf(facts, 'build').map((build) => ({ ...build, side: sideAt(at, build.region) })),
  }
}

function accountsDraft(facts: readonly Fact[], { externalIds = {} }: Given) {
  const accounts = factsOf(facts, 'account')
  const roles = factsOf(facts, 'role')
  const of = (use: 'workload' | 'dns') => ({
    id: only(
      accounts.filter((account) => account.use === use),
      ({ id }) => id,
      use === 'dns' ? 'the account of the hosted zone, twelve digits' : 'the account id, twelve digits',
    ),
    role: roles.find((role) => role.use === use),
    externalId: externalIds[use],
  })
  return {
    workload: { ...of('workload'), deletionRole: roles.find(({ use }) => use === 'deletion') },
    dns: of('dns'),
  }
}

function databaseDraft(place: Place) {
  const globals = factsOf(place.facts, 'global-cluster')
  const wanted = place.given.globalCluster
  const asked = globals.filter(({ id }) => id === wanted)
  const keys = both((side) => onSide(place, 'key', side)[0])
  return {
    globalCluster:
      wanted !== undefined && asked.length === 0
        ? known(wanted, 'the command line', 'nothing that was looked at knows it')
        : only(
            mostly(wanted === undefined ? globals : asked, ({ id }) => id, place.stems),
            ({ id }) => id,
            'the identifier of the Aurora global cluster',
          ),
    endpoint: (asked[0] ?? globals[0])?.endpoint,
    clusters: both((side) =>
      only(
        mostly(membersFirst(onSide(place, 'db-cluster', side)), ({ id }) => id, place.stems),
        ({ id }) => id,
        `the identifier of the DB cluster of the ${side} side: none is known`,
      ),
    ),
    keys: keys.home && keys.dr ? { home: keys.home, dr: keys.dr } : undefined,
  }
}

/** RDS says of its members who writes; a cluster that only an output names is second to them. */
function membersFirst(clusters: readonly FactOf<'db-cluster'>[]) {
  const members = clusters.filter(({ writer }) => writer !== undefined)
  return members.length ? members : clusters
}

/** Of several, those that are the application's by name, if there are any. */
function mostly<F>(all: readonly F[], name: (fact: F) => string, stems: readonly string[]): readonly F[] {
  const mine = all.filter((fact) => isAbout(name(fact), stems))
  return mine.length ? mine : all
}

/** Addresses that may prove a side: proposals, for only people know what an address says about the application. */
function probesDraft(place: Place) {
  const urls = (use: 'probe' | 'heartbeat') =>
    both((side) => onSide(place, 'url', side).filter((url) => url.use === use))
  const health = urls('probe')
  const path = factsOf(place.facts, 'group').find(({ healthPath }) => healthPath)?.healthPath
  const stack = (side: Side): Slot =>
    only(health[side], ({ url }) => url, `the ${side} side's own address, past DNS`)
  return {
    stack: both(stack),
    public: fill('the address customers use') as Slot,
    path,
    heartbeat: urls('heartbeat'),
  }
}

function alarmsDraft(place: Place, side: Side) {
  const all = onSide(place, 'alarm', side)
  const taken = all.filter(({ ofLag }) => !ofLag)
  const seen = place.given.looked && place.at[side] !== undefined
  return { taken, left: all.filter(({ ofLag }) => ofLag), seen }
}
