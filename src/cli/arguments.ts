import { parseArgs } from 'node:util'
import { commandOf } from '../app/terminal.ts'

export type Arguments = {
  readonly json: boolean
  /** A rehearsal's state folder; absent: AWS itself. */
  readonly rehearsal?: string
  /** The Slack user to ask as. */
  readonly as?: string
  readonly command: Understood | { readonly kind: 'report'; readonly runId: string }
}
type Understood = Exclude<ReturnType<typeof commandOf>, { kind: 'unknown' | 'misused' }>

export const usage = `understudy [--rehearsal DIR] [--json] COMMAND

  status [PLAN]                                       who serves, lag, DNS, capacity; a dark region is unknown
  failover PLAN [emergency|planned|detach] [dry-run]  put a failover to the approvers, in the plan's Slack channel
  failback PLAN [dry-run]                             the same for the way home; AWS's state decides which way that is
  drill PLAN [capacity] [dry-run]                     the same for a rehearsed switch out and home, measured
  runs                                                what is running, or waiting for somebody
  history [PLAN]                                      what was run: who, why, how long customers were without service
  report RUN                                          everything about one run, as Markdown, or with --json as JSON
  scan FILE… [--plan PLAN] [--active home|dr]         judges Terraform plans (the output of terraform show -json);
       [--fenced home|dr] [--plan-file FILE]          exit codes 0 nothing against them, 1 a blocker, 2 bad input
  doctor [PLAN…] [--all]                              looks at everything a run needs, and tells what to put right;
                                                      exit codes 0 nothing wrong, 1 faults, 4 could not look
  init NAME [--terraform FILE…] [--global-cluster ID] drafts a plan file, from Terraform's outputs or AWS itself, and never
       [--home REGION] [--dr REGION] [--out FILE]     overwrites one; exit codes 0 written, 2 bad input, 3 there is one
  validate [FOLDER|FILE…]                             every fault of plan files, offline; exit codes 0 none, 1 some,
                                                      2 bad input
  serve                                               the bot itself, here, over Socket Mode, until SIGTERM

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
  const command = values.help === true ? ({ kind: 'help' } as const) : understood(words)
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

/** The words of Slack, and those only a terminal knows. */
function understood(words: readonly string[]) {
  const [name, runId, ...more] = words
  if (name !== 'report') return commandOf(words)
  if (runId === undefined || more.length)
    return { kind: 'misused', command: 'report', why: 'it needs the id of one run' } as const
  return { kind: 'report', runId } as const
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
