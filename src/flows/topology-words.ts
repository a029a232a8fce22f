import type { Plan } from '../plan/schema.ts'
import type { TopologyState } from './topology.ts'
import { otherSide, type Side } from './world.ts'

/** What the classifier decided, and the fact it decided by. */
export type ClassifiedAs = {
  readonly state: TopologyState
  readonly active: Side | 'unknown'
  readonly because: string
}

const MIRRORED: ReadonlySet<TopologyState> = new Set([
  'protected',
  'headless',
  'unprotected',
  'orphaned',
  'alone',
])

/** The classic word for a state: STEADY… with home active, FAILED_OVER… with dr active. */
export function wordOf({ state, active }: ClassifiedAs): string {
  const word = state.toUpperCase().replace('-', '_')
  if (state === 'detached') return active === 'home' ? 'DETACHED_HOME' : 'DETACHED'
  if (!MIRRORED.has(state)) return word
  if (active === 'home') return state === 'protected' ? 'STEADY' : `STEADY_${word}`
  return `FAILED_OVER_${word}`
}

/** The state in one sentence for a person, with the fact it rests on. */
export function sentenceOf(plan: Plan, { state, active, because }: ClassifiedAs): string {
  const region = active === 'unknown' ? 'an unknown region' : `${plan.regions[active]} (${active})`
  const standby = active === 'unknown' ? 'the other side' : otherSide(active)
  const global = plan.database.globalCluster
  switch (state) {
    case 'protected':
      return `The writer is in ${region}, and ${standby} stands by: ${because}.`
    case 'headless':
      return `The writer is in ${region}; ${standby} replicates but cannot take over: ${because}.`
    case 'in-flight':
      return `Somebody is moving ${global}: ${because}.`
    case 'unprotected':
      return `The writer is in ${region} and there is no usable standby: ${because}.`
    case 'orphaned':
      return `The writer is in ${region} and ${standby} is not its standby: ${because}.`
    case 'alone':
      return `The writer is in ${region} and there is no standby: ${because}.`
    case 'detached':
      return active === 'unknown'
        ? `One side was detached, and it is not known which one serves: ${because}.`
        : `${active} was detached and serves by itself, without a standby: ${because}.`
    case 'no-global':
      return `The global cluster ${global} cannot be judged: ${because}.`
    case 'unknown':
      return `Who holds the writer is not known: ${because}.`
  }
}
