import { DrError } from '../../engine/errors.ts'
import { planFlow } from '../../engine/plan-flow.ts'
import { type Check, type Way as CheckedWay, checkOf, wayOf } from '../../flows/check.ts'
import { flowOf } from '../../flows/index.ts'
import type { StatusFacts } from '../../flows/status.ts'
import { classify } from '../../flows/topology.ts'
import type { Outside } from '../../flows/world.ts'
import type { Plan } from '../../plan/schema.ts'
import type { Parts } from '../parts.ts'
import { rehearsedWorld } from '../runs/worlds.ts'
import { lookAt } from './look.ts'
import { choose, type Way } from './proposing.ts'
import { statusOver } from './statuses.ts'

/** What a plan should be ready for at any time. */
const ALWAYS: readonly Way[] = [
  { flow: 'failover', mode: 'emergency' },
  { flow: 'failover', mode: 'planned' },
]

/**
 * Every check of every flow that a plan may need next, all at once and through the clients and roles a run would use.
 * Changes nothing and asks for nothing: each step only looks.
 */
export async function checkFor(parts: Parts, plan: Plan): Promise<Check> {
  const outside = await parts.outside(plan)
  const facts = await lookAt(plan, outside, parts)
  const [status, ...ways] = await Promise.all([
    statusOver(parts, plan, facts),
    ...next(facts).map((way) => checked(parts, plan, { outside, facts, way })),
  ])
  return checkOf(status, ways)
}

/** At home and protected the next thing is a drill; in every other state it is the way back there. */
function next(facts: StatusFacts): readonly Way[] {
  const { active, state } = classify(facts)
  const isSteady = active === 'home' && state === 'protected'
  return [...ALWAYS, isSteady ? { flow: 'drill', scope: 'full' } : { flow: 'failback' }]
}

type Looked = { readonly outside: Outside; readonly facts: StatusFacts; readonly way: Way }

async function checked(parts: Parts, plan: Plan, { outside, facts, way }: Looked): Promise<CheckedWay> {
  try {
    const choice = await choose(parts, plan, facts, way)
    const flow = flowOf(choice)
    const planned = await planFlow(flow, rehearsedWorld(plan, outside, choice), parts.record)
    return wayOf(`${flow.title} from ${choice.from} to ${choice.to}`, flow.name, planned)
  } catch (error) {
    if (!(error instanceof DrError)) throw error
    return { title: titleOf(way), refused: { why: error.message, remedy: error.remedy } }
  }
}

const titleOf = (way: Way): string =>
  way.flow === 'failover'
    ? `${way.mode === 'planned' ? 'Planned' : 'Emergency'} failover`
    : way.flow === 'drill'
      ? 'Full drill'
      : 'Failback'
