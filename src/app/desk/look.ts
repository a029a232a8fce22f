import type { Clock } from '../../engine/ports.ts'
import type { StatusFacts } from '../../flows/status.ts'
import type { GlobalClusterFacts, Look, OrAbsent, Outside, Side } from '../../flows/world.ts'
import type { Plan } from '../../plan/schema.ts'

type Clocks = { readonly clock: Clock; readonly people: Clock }

/** Looks at everything of a plan at the same time; takes as long as the slowest look, one probe deadline at most. */
export async function lookAt(plan: Plan, outside: Outside, { clock, people }: Clocks): Promise<StatusFacts> {
  const begun = people.now()
  const [global, clusters, lag, records, services, listeners, stack, publicProbe, alarms, domains] =
    await Promise.all([
      lookAtGlobal(outside),
      both((side) => outside.database.cluster(side)),
      both((side) => outside.database.lag(side)),
      outside.dns.records(),
      both((side) => outside.services.look(side)),
      both((side) => outside.listener.look(side)),
      both((side) => outside.probe.stack(side)),
      outside.probe.public(),
      both((side) => outside.alarms.look(side)),
      both((side) => outside.dns.domains(side)),
    ])
  return {
    plan,
    global,
    clusters,
    lag,
    records,
    services,
    listeners,
    stack,
    public: publicProbe,
    alarms,
    domains,
    at: clock.now(),
    tookMs: people.now() - begun,
  }
}

async function both<T>(look: (side: Side) => Promise<T>): Promise<Record<Side, T>> {
  const [home, dr] = await Promise.all([look('home'), look('dr')])
  return { home, dr }
}

/** The global cluster is one thing that either region can describe: the first that could is believed. */
export async function lookAtGlobal({ database }: Outside): Promise<Look<OrAbsent<GlobalClusterFacts>>> {
  const [viaDr, viaHome] = await Promise.all([database.global('dr'), database.global('home')])
  return viaDr.ok ? viaDr : viaHome
}
