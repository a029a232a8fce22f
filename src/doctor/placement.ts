import type { Plan } from '../plan/schema.ts'
import { type Finding, ok, warn } from './finding.ts'
import type { Configured } from './place.ts'

/** What a plan's own words say about where things are. */
export const placements = ({ plans }: Pick<Configured, 'plans'>): readonly Finding[] =>
  plans.plans.flatMap((plan) => [...states(plan), dnsControl(plan)])

/** Nothing in dr can be applied without its state; home's own is not needed before home is back. */
function states({ name, regions, terraform }: Plan): readonly Finding[] {
  return (terraform?.stacks ?? []).flatMap(({ name: stack, side, stateRegion }) => {
    if (!stateRegion) return []
    const about = `${name}, stack ${stack}`
    return side === 'dr' && stateRegion === regions.home
      ? [warn('state-region', about, `its state is kept in ${stateRegion}, the home region`)]
      : [ok('state-region', about, stateRegion)]
  })
}

function dnsControl({ name, regions }: Plan): Finding {
  const where = "records are changed through Route 53's control plane in us-east-1"
  const home =
    regions.home === 'us-east-1'
      ? ', the home region: while it is dark a change may have to wait until AWS has moved that control plane, about an hour for a zone with accelerated recovery; names go on being answered'
      : ''
  return ok('dns-control', name, `${where}${home}`)
}
