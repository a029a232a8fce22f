import type { Plan, Stack } from './schema.ts'

type Side = Stack['side']

/** The stacks in the order in which they are applied: dr before home and platforms first, so what serves comes last. */
export const stacksInOrder = ({ terraform }: Plan): readonly Stack[] =>
  (['dr', 'home'] as const).flatMap((side) =>
    (['platform', 'workloads'] as const).flatMap((layer) =>
      (terraform?.stacks ?? []).filter((stack) => stack.side === side && stack.layer === layer),
    ),
  )

/**
 * The values of the two variables on a side: whether its cluster is created as a secondary, and of which region.
 * Workloads have no database, so their stacks get none.
 */
export function variablesOf(
  plan: Plan,
  stack: Stack,
  active: Side,
): Readonly<Record<string, boolean | string>> {
  if (!plan.terraform || stack.layer !== 'platform') return {}
  const { isSecondary, sourceRegion } = plan.terraform.variables
  const secondary = stack.side !== active
  return { [isSecondary]: secondary, [sourceRegion]: secondary ? plan.regions[active] : '' }
}

/** The same variables as a build gets them: all of them texts. */
export const buildVariables = (plan: Plan, stack: Stack, active: Side): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(variablesOf(plan, stack, active)).map(([name, value]) => [name, String(value)]),
  )
