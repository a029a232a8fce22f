import { parseArgs } from 'node:util'
import { commandOf } from '../app/terminal/terminal.ts'

export type Arguments = {
  readonly command: Understood | RunCommand
  readonly json: boolean
  /** A rehearsal's state folder; absent: AWS itself. */
  readonly rehearsal?: string
  /** The Slack user to ask as: in a rehearsal only; elsewhere AWS says who it is, and this has to agree. */
  readonly as?: string
  /** Where the terminal keeps what it carries out. */
  readonly stateDir?: string
  readonly here: boolean
  readonly detach: boolean
  readonly alone: boolean
  readonly breakGlass: boolean
  readonly oldIsDead: boolean
  /** What would be typed and said, for scripts. */
  readonly confirm?: string
  readonly reason?: string
}
type Understood = Exclude<ReturnType<typeof commandOf>, { kind: 'unknown' | 'misused' }>

/** What is done with one run; Slack has buttons for it. */
export type RunCommand = {
  [Verb in RunVerb]: { readonly kind: Verb; readonly runId: string; readonly option?: string }
}[RunVerb]
const runVerbs = ['report', 'approve', 'dismiss', 'decide', 'pause', 'abort', 'watch', 'resume'] as const
type RunVerb = (typeof runVerbs)[number]

export const usage = `understudy [--rehearsal DIR] [--json] COMMAND

  status [PLAN]                                       who serves, lag, DNS, capacity; a dark region is unknown
  check [PLAN]                                        what would stand in the way of a failover, a drill, the way home
  failover PLAN [emergency|planned|detach]            ask for a failover; it waits for approval, here and in Slack
  failback PLAN                                       the same for the way home; AWS's state decides which way that is
  drill PLAN [capacity]                               the same for a rehearsed switch out and home, measured
       [--dry-run]                                    every API call with its region and ARN; nothing is asked for
  runs                                                what is running, or waiting for somebody
  watch RUN                                           follow a run to its end
  approve RUN [--break-glass]                         shows the whole card; the plan's name and a reason have to be typed
  dismiss RUN                                         take down a card that nobody approved
  decide RUN [OPTION]                                 answer the question a run waits on
  pause RUN, abort RUN                                at its next look
  resume RUN [--old-execution-is-dead]                take over a run whose bot or terminal is gone
  history [PLAN]                                      what was run: who, why, how long customers were without service
  report RUN                                          everything about one run, as Markdown, or with --json as JSON
  scan FILE… [--plan PLAN] [--active home|dr]         judges Terraform plans (the output of terraform show -json);
       [--fenced home|dr] [--plan-file FILE]          exit codes 0 nothing against them, 1 a blocker, 2 bad input
  init NAME [--terraform FILE…] [--global-cluster ID] drafts a plan file, from Terraform's outputs or AWS itself, and never
       [--home REGION] [--dr REGION] [--out FILE]     overwrites one; exit codes 0 written, 2 bad input, 3 there is one
  validate [FOLDER|FILE…]                             every fault of plan files, offline; exit codes 0 none, 1 some,
                                                      2 bad input
  doctor [PLAN…] [--all]                              looks at everything a run needs, and tells what to put right;
                                                      exit codes 0 nothing wrong, 1 faults, 4 could not look
  manifest [--command /dr] [--url URL | --socket]     the Slack app's manifest, to be pasted when it is created
  serve                                               the bot itself, here, over Socket Mode, until SIGTERM

  --here            carry it out in this process, at once; else a bot that answers within 5 s does, and this process after
  --detach          do not stay with the run; needs a bot
  --confirm TEXT    what would be typed, and --reason TEXT what would be said, for scripts; nothing is ever confirmed unseen
  --alone           with a journal of this machine, where the bot's cannot be reached; for people of breakGlass
  --state-dir DIR   where this terminal keeps the runs it carries out (~/.local/state/understudy)
  --rehearsal DIR   work in the rehearsal that runs on this state folder; without it, on AWS, with UNDERSTUDY_PLANS,
                    UNDERSTUDY_JOURNAL, UNDERSTUDY_ENGINE and the AWS SDK's own settings
  --as USER         in a rehearsal, the Slack user id to ask as (its first requester); on AWS your credentials say who
                    you are: see identities in the plan
  --json            one JSON object on standard output, and no waiting for the run

Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 could not look, 130 left before the run had ended.`

const options = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  'dry-run': { type: 'boolean' },
  here: { type: 'boolean' },
  detach: { type: 'boolean' },
  alone: { type: 'boolean' },
  'break-glass': { type: 'boolean' },
  'old-execution-is-dead': { type: 'boolean' },
  confirm: { type: 'string' },
  reason: { type: 'string' },
  rehearsal: { type: 'string' },
  as: { type: 'string' },
  'state-dir': { type: 'string' },
} as const

/** The command line, or every fault of it. */
export function parseArguments(argv: readonly string[]): Arguments | { readonly faults: readonly string[] } {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const faults = tokens.flatMap((token) => (token.kind === 'option' ? flagFault(token) : []))
  const words = [...positionals, ...(values['dry-run'] === true ? ['dry-run'] : [])]
  const command = values.help === true ? ({ kind: 'help' } as const) : understood(words)
  if (command.kind === 'unknown')
    faults.push(
      `there is no command “${command.text}”${command.nearest ? `; did you mean “${command.nearest}”?` : ''}`,
    )
  else if (command.kind === 'misused') faults.push(`${command.command}: ${command.why}`)
  else if (faults.length === 0) return { command, ...flagsOf(values) }
  return { faults }
}

type Values = Readonly<Record<string, unknown>>

function flagsOf(values: Values): Omit<Arguments, 'command'> {
  const is = (name: keyof typeof options) => values[name] === true
  const text = (key: string, name: keyof typeof options) =>
    typeof values[name] === 'string' ? { [key]: values[name] } : {}
  return {
    json: is('json'),
    here: is('here'),
    detach: is('detach'),
    alone: is('alone'),
    breakGlass: is('break-glass'),
    oldIsDead: is('old-execution-is-dead'),
    ...text('rehearsal', 'rehearsal'),
    ...text('as', 'as'),
    ...text('stateDir', 'state-dir'),
    ...text('confirm', 'confirm'),
    ...text('reason', 'reason'),
  }
}

/** The words of Slack, and those only a terminal knows. */
function understood(words: readonly string[]) {
  const [name, ...given] = words
  const verb = runVerbs.find((each) => each === name)
  return verb ? ofRun(verb, given) : commandOf(words)
}

function ofRun(kind: RunVerb, [runId, option, ...more]: readonly string[]): RunCommand | Misused {
  const misused = (why: string) => ({ kind: 'misused', command: kind, why }) as const
  if (runId === undefined) return misused('it needs the id of one run')
  if (kind === 'decide' && more.length === 0)
    return { kind, runId, ...(option === undefined ? {} : { option }) }
  if (kind === 'decide' || option !== undefined)
    return misused(kind === 'decide' ? 'it takes a run and one choice' : 'it needs the id of one run')
  return { kind, runId }
}

type Misused = { readonly kind: 'misused'; readonly command: string; readonly why: string }
type Token = { readonly name: string; readonly rawName: string; readonly value?: string | undefined }

function flagFault({ name, rawName, value }: Token): string[] {
  const option = Object.hasOwn(options, name) ? options[name as keyof typeof options] : undefined
  if (!option) return [`there is no flag ${rawName}`]
  if (option.type === 'string' && !value) return [`${rawName} needs a value`]
  return option.type === 'boolean' && value !== undefined ? [`${rawName} takes no value`] : []
}
