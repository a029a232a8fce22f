import type { Finding } from './finding.ts'
import type { PlanFile } from './plan-file.ts'
import { type ScanContext, SIDES } from './scope.ts'

/** Whether a plan was made with the values that the side's role needs, where the file says whose side it is. */
export function judgeVariables(file: PlanFile, { plan, stack, active }: ScanContext): Finding[] {
  if (!plan.terraform) return []
  const { isSecondary, sourceRegion } = plan.terraform.variables
  const side = stack?.side ?? SIDES.find((one) => plan.regions[one] === file.region)
  const given = file.variables[isSecondary]
  if (!side || given === undefined) return []
  const found: Finding[] = []
  const secondary = side !== active
  if (given !== secondary && given !== String(secondary))
    found.push({
      level: 'warning',
      address: `var.${isSecondary}`,
      what: `is ${JSON.stringify(given).slice(0, 40)} on ${side}`,
      why: `${side} ${secondary ? 'waits, so its cluster is a secondary' : 'serves, so its cluster is no secondary'}: it has to be ${secondary}.`,
    })
  const source = file.variables[sourceRegion]
  if (secondary && source !== undefined && source !== plan.regions[active])
    found.push({
      level: 'warning',
      address: `var.${sourceRegion}`,
      what: `is ${JSON.stringify(source).slice(0, 40)} on ${side}`,
      why: `The writer is in ${plan.regions[active]}.`,
    })
  return found
}
