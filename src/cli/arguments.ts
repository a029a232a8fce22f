import { parseArgs } from 'node:util'
import { commandOf } from '../app/terminal.ts'
import type { Mode } from '../flows/world.ts'

export type Arguments = {
  readonly json: boolean
  /** A rehearsal's state folder; absent: AWS itself. */
  readonly rehearsal?: string
  /** The Slack user to ask as. */
  readonly as?: string
  readonly command:
    | { readonly kind: 'help' }
    | { readonly kind: 'status'; readonly plan?: string }
    | { readonly kind: 'runs' }
    | { readonly kind: 'failover'; readonly plan: string; readonly mode?: Mode; readonly dryRun: boolean }
}

export const usage = `understudy [--rehearsal DIR] [--json] COMMAND

  status [PLAN]                                       who serves, lag, DNS, capacity; a dark region is unknown
  failover PLAN [emergency|planned|detach] [dry-run]  put a failover to the approvers, in the plan's Slack channel
  runs                                                what is running, or waiting for somebody

  --rehearsal DIR   work in the rehearsal that runs on this state folder; without it, on AWS, with UNDERSTUDY_PLANS,
                    UNDERSTUDY_JOURNAL and the AWS SDK's own settings
  --as USER         the Slack user id to ask as (UNDERSTUDY_USER; in a rehearsal its first requester)
  --json            one JSON object on standard output

Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 could not look.`

/** The command line, or every fault of it. */
export function parseArguments(argv: readonly string[]): Arguments | { readonly faults: readonly string[] } {
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    'dry-run': { type: 'boolean' },
    rehearsal: { type: 'string' },
    as: { type: 'string' },
  } as const
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const faults = tokens.flatMap((token) => (token.kind === 'option' ? flagFault(token, options) : []))
  const words = [...positionals, ...(values['dry-run'] === true ? ['dry-run'] : [])]
  const command = values.help === true ? ({ kind: 'help' } as const) : commandOf(words)
  if (command.kind === 'unknown')
    faults.push(
      `there is no command “${command.text}”${command.nearest ? `; did you mean “${command.nearest}”?` : ''}`,
    )
  else if (command.kind === 'misused') faults.push(`${command.command}: ${command.why}`)
  else if (faults.length === 0)
    return {
      json: values.json === true,
      command,
      ...(typeof values.rehearsal === 'string' ? { rehearsal: values.rehearsal } : {}),
      ...(typeof values.as === 'string' ? { as: values.as } : {}),
    }
  return { faults }
}

type Token = { readonly name: string; readonly rawName: string; readonly value?: string | undefined }

function flagFault(
  { name, rawName, value }: Token,
  options: Readonly<Record<string, { readonly type: string }>>,
): string[] {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (!option) return [`there is no flag ${rawName}`]
  if (option.type === 'string' && !value) return [`${rawName} needs a value`]
  return option.type === 'boolean' && value !== undefined ? [`${rawName} takes no value`] : []
}
