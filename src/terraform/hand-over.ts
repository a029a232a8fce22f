import type { Plan, Stack } from '../plan/schema.ts'
import { stacksInOrder, variablesOf } from '../plan/stacks.ts'
import type { Side } from './scope.ts'

/** Who serves and who is to stand by, and what a gate waits for. */
export type Roles = { readonly active: Side; readonly standby: Side }
export type Gate = 'recreate' | 'reconcile'

/** What people do with one stack. */
export type StackWork = {
  readonly stack: Stack
  /** What its `*.tfvars` has to say; empty where it needs neither variable. */
  readonly variables: Readonly<Record<string, boolean | string>>
  /** The same as HCL, as `terraform fmt` writes it. */
  readonly tfvars: readonly string[]
  /** To be typed in this order. The third prints the hash that is compared before the last. */
  readonly commands: readonly string[]
  /** Names of the saved plan and of its JSON, in the stack's folder. */
  readonly files: { readonly plan: string; readonly json: string }
}

/**
 * The stacks in the order in which they are applied, with exact variables and commands. *Recreate*: only what creates
 * the missing cluster, the platform of the standby; its workloads wait until the pair is steady. *Reconcile*: all of
 * them, dr before home and platforms before workloads, so that what serves is touched last.
 */
export function handOver(plan: Plan, gate: Gate, { active, standby }: Roles): readonly StackWork[] {
  const stacks = stacksInOrder(plan)
  const due =
    gate === 'reconcile'
      ? stacks
      : stacks.filter(({ side, layer }) => side === standby && layer === 'platform')
  return due.map((stack) => workOf(plan, stack, active))
}

function workOf(plan: Plan, stack: Stack, active: Side): StackWork {
  const variables = variablesOf(plan, stack, active)
  const files = { plan: `${stack.name}.tfplan`, json: `${stack.name}.json` }
  return {
    stack,
    variables,
    tfvars: hcl(variables),
    commands: [
      `cd ${quoted(stack.directory)}`,
      `terraform plan -input=false -out=${files.plan}`,
      `terraform show -json ${files.plan} > ${files.json}`,
      `sha256sum ${files.plan}`,
      `terraform apply ${files.plan}`,
    ],
    files,
  }
}

function hcl(variables: StackWork['variables']): readonly string[] {
  const width = Math.max(0, ...Object.keys(variables).map((name) => name.length))
  return Object.entries(variables).map(([name, value]) => `${name.padEnd(width)} = ${JSON.stringify(value)}`)
}

const quoted = (text: string): string =>
  /^[\w.,/@+][\w.,/@+-]*$/.test(text) ? text : `-- '${text.replaceAll("'", `'\\''`)}'`

/** Stacks whose state is out of reach exactly when the other side has to be worked on, as sentences. */
export function stateRisks({ terraform, regions }: Plan): readonly string[] {
  return (terraform?.stacks ?? []).flatMap(({ name, side, stateRegion }) => {
    const other = side === 'home' ? 'dr' : 'home'
    return stateRegion === regions[other]
      ? [
          `The Terraform state of ${name} is in ${stateRegion}, which is ${other}: while that is dark, ${side} cannot be planned`,
        ]
      : []
  })
}
