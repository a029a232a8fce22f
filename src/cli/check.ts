import { checkFor } from '../app/desk/checking.ts'
import type { Parts } from '../app/parts.ts'
import type { Check, Way } from '../flows/check.ts'
import { planOf } from '../plan/plans.ts'
import { type Exit, exits, type Told } from './exits.ts'
import { marks } from './print.ts'

/** What stands in the way of a plan's flows, or of all plans'. Exit codes: done, refused for a fault, blind. */
export async function check(parts: Parts, name: string | undefined): Promise<Told> {
  const { plans, broken } = parts.plans
  const asked = name === undefined ? plans : [planOf(parts.plans, name)]
  const checks = await Promise.all(asked.map((plan) => checkFor(parts, plan)))
  const faults =
    name === undefined ? broken.map((each) => `${marks.bad} ${each.name}: its file is broken`) : []
  return {
    text: [...checks.map(checkText), ...faults].join('\n\n') || 'No plan is loaded.',
    json: name === undefined ? { plans: checks, broken } : checks[0],
    exit: exitOf(checks, faults.length > 0),
  }
}

function exitOf(checks: readonly Check[], broken: boolean): Exit {
  if (broken || checks.some(({ level }) => level === 'bad')) return exits.refused
  return checks.some(({ level }) => level === 'unknown') ? exits.blind : exits.done
}

/** All ways of one plan; of each what is not well, and how much was looked at. */
export const checkText = ({ title, level, ways, warnings }: Check): string =>
  [
    `${marks[level]} ${title}`,
    ...ways.flatMap(wayLines),
    ...warnings.map((warning) => `${marks.warn} ${warning}`),
  ].join('\n')

function wayLines(way: Way): string[] {
  if ('refused' in way)
    return [`${marks.warn} ${way.title}: not now`, `    ${way.refused.why} ${way.refused.remedy}`]
  const open = way.steps.filter((step) => step.level !== 'ok')
  const { length } = way.steps
  return [
    `  ${way.title}: ${open.length ? `${open.length} of ${length} checks` : `${length} checks, all well`}`,
    ...open.map((step) => `${marks[step.level]}   ${step.title}: ${step.detail}`),
  ]
}
