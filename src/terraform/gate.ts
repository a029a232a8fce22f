import type { Plan } from '../plan/schema.ts'
import { driftText, expectedDrift } from './drift.ts'
import { type Gate, handOver, type Roles, type StackWork } from './hand-over.ts'

/** What was looked up for the words of a gate. */
export type GateFacts = Roles & {
  /** The engine version the active cluster really has. */
  readonly engineVersion?: string
}

/** As much as fits into one section of a Slack message, with room for escapes. */
const MAX = 2700
const MOST_DRIFT = 6

/**
 * What people are asked to do with their Terraform, as short lines: variables and commands stand in backticks, one a
 * line. Where a plan has so many stacks that it would not fit, the commands are shown once for all of them.
 */
export function gateText(
  plan: Plan,
  gate: Gate,
  facts: GateFacts,
): { readonly title: string; readonly detail: string } {
  const title =
    gate === 'recreate'
      ? `Create ${plan.database.clusters[facts.standby]} again, with your Terraform`
      : 'Reconcile your Terraform with what AWS is now'
  const work = handOver(plan, gate, facts)
  if (work.length === 0) return { title, detail: withoutStacks(plan, gate, facts).join('\n') }
  const around = (blocks: readonly string[]) =>
    [...opening(plan, gate, facts), ...blocks, ...closing(gate)].join('\n')
  const full = around(work.flatMap((one, index) => stackLines(one, index + 1)))
  if (full.length <= MAX) return { title, detail: full }
  const room = MAX - around(briefly(work, 0)).length
  return { title, detail: around(briefly(work, room)) }
}

function opening(plan: Plan, gate: Gate, facts: GateFacts): string[] {
  const { active, standby } = facts
  if (gate === 'recreate')
    return [
      `${active} (${plan.regions[active]}) serves. The cluster of ${standby} is missing, and only Terraform creates it.`,
      ...secondaryRules(facts),
    ]
  const drift = expectedDrift(plan, active)
  return [
    `${active} (${plan.regions[active]}) serves. Apply the stacks in this order, one after the other, each from the root of its repository.`,
    'Expect in the plans:',
    ...drift.slice(0, MOST_DRIFT).map((one) => `• ${driftText(one)}`),
    ...(drift.length > MOST_DRIFT ? [`• and ${drift.length - MOST_DRIFT} more of the kind`] : []),
  ]
}

const secondaryRules = ({ engineVersion }: GateFacts): string[] => [
  `• engine_version: ${engineVersion ? `exactly \`${engineVersion}\`` : "exactly the active cluster's"}`,
  '• no master user, password, database_name or snapshot; a KMS key of its own region; at least one instance',
]

function stackLines({ stack, tfvars, commands }: StackWork, number: number): string[] {
  return [
    '',
    `*${number}. ${stack.name}*`,
    ...(tfvars.length ? ['Set, and commit:', ...tfvars.map(code)] : []),
    ...commands.slice(0, -1).map(code),
    `${code(commands.at(-1) ?? '')} once its scan is clean`,
  ]
}

/** The stacks by name, as many as there is room for, what each side's platform needs, and the commands once. */
function briefly(work: readonly StackWork[], room: number): string[] {
  const names = work.map(({ stack }, index) => `*${index + 1}. ${stack.name}*`)
  const kept = names.filter((_, index) => names.slice(0, index + 1).join('\n').length < room)
  const platforms = work.filter(
    ({ stack, tfvars }, index) =>
      tfvars.length > 0 && work.findIndex((other) => other.stack.side === stack.side) === index,
  )
  return [
    '',
    ...kept,
    ...(kept.length < names.length ? [`… ${names.length - kept.length} more, as the plan lists them`] : []),
    '',
    ...platforms.map(
      ({ stack, tfvars }) => `Platforms of ${stack.side}, to be set: ${tfvars.map(code).join(' ')}`,
    ),
    'In the folder of each, with its name for STACK:',
    ...(work[0]?.commands.slice(1) ?? []).map((command) =>
      code(command.replaceAll(work[0]?.stack.name ?? '', 'STACK')),
    ),
  ]
}

const closing = (gate: Gate): string[] => [
  '',
  'Put each JSON file into this thread: it is scanned before you apply. Blockers mean: do not apply.',
  'Apply the very file that was scanned; its sha256 shows that it is the same.',
  gate === 'recreate'
    ? 'Leave the other stacks as they are: they are reconciled at the end. Afterwards AWS is looked at, whatever is said here.'
    : 'Let pipelines run again only when every stack plans no change.',
]

function withoutStacks({ database, regions }: Plan, gate: Gate, facts: GateFacts): string[] {
  const { active, standby } = facts
  if (gate === 'reconcile')
    return [
      'The plan names no Terraform stacks. Plan everything that owns this application, and apply what is clean.',
    ]
  return [
    `The plan names no Terraform stack that creates ${database.clusters[standby]}.`,
    `Create it in ${regions[standby]} as a secondary of \`${database.globalCluster}\`; ${active} (${regions[active]}) is its source.`,
    ...secondaryRules(facts),
    'Afterwards AWS is looked at, whatever is said here.',
  ]
}

const code = (text: string): string => `\`${text}\``
