import type { Look, Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import { Act } from './act.ts'
import type { Clients, Profile, ServiceName } from './clients.ts'
import { type Budget, type Clocks, look } from './look.ts'

type WorkloadService = Exclude<ServiceName, 'route53'>

/** One plan's two regions and two accounts: what every adapter works through. */
export class Site {
  readonly plan: Plan
  readonly clocks: Clocks
  readonly #clients: Clients
  readonly #dnsThrough: Side | undefined

  /** `dnsThrough`: the side whose STS gives the dns account's role; absent: whichever side's answers first. */
  constructor(plan: Plan, clients: Clients, clocks: Clocks, dnsThrough?: Side) {
    this.plan = plan
    this.clocks = clocks
    this.#clients = clients
    this.#dnsThrough = dnsThrough
  }

  /** A client in the workload account, in a side's region (or a region's own name). */
  client<S extends WorkloadService>(service: S, where: string, profile: Profile) {
    const region = where === 'home' || where === 'dr' ? this.plan.regions[where] : where
    return this.#clients.of(service, {
      region,
      profile,
      account: this.plan.accounts.workload,
      stsRegions: [region],
    })
  }

  /** RDS as whoever may delete a stale cluster, in a side's region; every change is sent once. */
  deleter(side: Side) {
    const region = this.plan.regions[side]
    const { deletionRole: role, ...workload } = this.plan.accounts.workload
    const account = { ...workload, ...(role ? { role } : {}) }
    return this.#clients.of('rds', { region, profile: 'once', account, stsRegions: [region] })
  }

  /** Route 53's client, in the dns account. It is signed for us-east-1, but does not need that region's STS. */
  route53(profile: Profile) {
    const { home, dr } = this.plan.regions
    const stsRegions = this.#dnsThrough ? [this.plan.regions[this.#dnsThrough]] : [dr, home]
    return this.#clients.of('route53', {
      region: 'us-east-1',
      profile,
      account: this.plan.accounts.dns,
      stsRegions,
    })
  }

  /** A look at a service of a side; see `look`. */
  look<T>(service: string, side: Side, see: (budget: Budget) => Promise<T>): Promise<Look<T>> {
    return look(this.clocks, `${service} in ${this.plan.regions[side]}`, see)
  }

  /** An act in a side's region; `role`: who does it, where that is not the plan's role for everything. */
  act(side: Side, role = this.plan.accounts.workload.role): Act {
    return new Act(this.plan.regions[side], role, this.clocks.patience)
  }
}
