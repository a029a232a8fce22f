import { historyFor, reportFor } from '../app/histories.ts'
import type { Parts } from '../app/parts.ts'
import { liveRuns } from '../app/runs.ts'
import { activeOf } from '../app/scanning.ts'
import { statusFor } from '../app/statuses.ts'
import { askRun, openTerminal, type TerminalWish } from '../app/terminal.ts'
import { DrError, type ErrorCode, faultOf } from '../engine/errors.ts'
import { reportMarkdown } from '../flows/report-markdown.ts'
import type { Status } from '../flows/status.ts'
import { planOf } from '../plan/plans.ts'
import { type Arguments, parseArguments, usage } from './arguments.ts'
import { type Place, placeInRehearsal, placeOnAws } from './place.ts'
import { historyText, proposalText, runsText, statusesText, statusText } from './print.ts'
import { scan } from './scan.ts'

const exits = { done: 0, failed: 1, usage: 2, refused: 3, blind: 4 } as const
type Exit = (typeof exits)[keyof typeof exits]

/** What a command came to: for people, and for programs. */
type Told = { readonly text: string; readonly json: unknown; readonly exit: Exit }

const exitOf: Partial<Record<ErrorCode, Exit>> = {
  CONFIG_INVALID: exits.usage,
  COMMAND_UNKNOWN: exits.usage,
  PLAN_UNKNOWN: exits.usage,
  PLAN_BROKEN: exits.refused,
  NOT_ALLOWED: exits.refused,
  OUTSIDER: exits.refused,
  OWN_REQUEST: exits.refused,
  SAME_PERSON: exits.refused,
  FLOW_REFUSED: exits.refused,
  RUN_IN_PROGRESS: exits.refused,
  UNREACHABLE: exits.blind,
  THROTTLED: exits.blind,
}

/** The terminal: one command, its answer, its exit code. */
async function main(): Promise<number> {
  const [first, ...rest] = process.argv.slice(2)
  if (first === 'scan') return scanned(rest)
  if (first === 'manifest') {
    const { manifest } = await import('./manifest.ts')
    return manifest(rest, (text) => void process.stdout.write(`${text}\n`))
  }
  const initWords = wordsOf('init', process.argv.slice(2))
  if (initWords) {
    const { init } = await import('./init.ts')
    return init(initWords, (text) => void process.stdout.write(`${text}\n`))
  }
  if (first === 'validate') {
    const { validate } = await import('./validate.ts')
    return validate(rest, (text) => void process.stdout.write(`${text}\n`))
  }
  if (first === 'serve') {
    const { serve } = await import('./serve.ts')
    return serve(rest, (text) => void process.stdout.write(`${text}\n`))
  }
  const doctorWords = wordsOf('doctor', process.argv.slice(2))
  if (doctorWords) {
    const { doctor } = await import('./doctor.ts')
    return doctor(doctorWords, (text) => void process.stdout.write(`${text}\n`))
  }
  const parsed = parseArguments(process.argv.slice(2))
  if ('faults' in parsed) {
    process.stderr.write(`${parsed.faults.join('\n')}\n\n${usage}\n`)
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: parsed })}\n`)
    return exits.usage
  }
  if (parsed.command.kind === 'help') {
    process.stdout.write(`${usage}\n`)
    return exits.done
  }
  const { text, json, exit } = await answer(parsed)
  if (parsed.json) process.stdout.write(`${JSON.stringify(json)}\n`)
  else (exit === exits.done || exit === exits.blind ? process.stdout : process.stderr).write(`${text}\n`)
  return exit
}

/** The words without the command, where that is the first of them but for flags. */
function wordsOf(command: string, words: readonly string[]): readonly string[] | undefined {
  let at = 0
  while (words[at]?.startsWith('--')) at += words[at] === '--rehearsal' || words[at] === '--as' ? 2 : 1
  return words[at] === command ? words.toSpliced(at, 1) : undefined
}

async function answer(given: Arguments): Promise<Told> {
  try {
    const place = given.rehearsal === undefined ? placeOnAws(process.env) : placeInRehearsal(given.rehearsal)
    const { parts, close } = openTerminal(place)
    try {
      return await carryOut(parts, given, place)
    } finally {
      close()
    }
  } catch (error) {
    const fault = faultOf(error)
    const exit = (error instanceof DrError && exitOf[error.code]) || exits.failed
    return {
      text: inTerminal(`${fault.message}\n${fault.changed} ${fault.remedy}`),
      json: { error: fault },
      exit,
    }
  }
}

/** `scan` has words and exit codes of its own. Who serves is looked up where there is a place to look. */
async function scanned(args: readonly string[]): Promise<number> {
  const at = args.indexOf('--rehearsal')
  const words = at < 0 ? args : args.toSpliced(at, 2)
  const out = (text: string) => void process.stdout.write(`${text}\n`)
  const dir = at < 0 ? undefined : args[at + 1]
  if (dir === undefined && !(process.env.UNDERSTUDY_PLANS && process.env.UNDERSTUDY_JOURNAL))
    return scan(words, out)
  const { parts, close } = openTerminal(dir === undefined ? placeOnAws(process.env) : placeInRehearsal(dir))
  try {
    return await scan(words, out, { plans: parts.plans, activeOf: (plan) => activeOf(parts, plan) })
  } finally {
    close()
  }
}

/** People by their ids: only Slack knows their names. */
const inTerminal = (text: string) => text.replace(/<[@#]([A-Z0-9]+)>/g, '$1')

async function carryOut(parts: Parts, { command, as }: Arguments, place: Place): Promise<Told> {
  switch (command.kind) {
    case 'help':
      return { text: usage, json: { usage }, exit: exits.done }
    case 'status':
      return command.plan === undefined ? statuses(parts) : status(parts, command.plan)
    case 'runs': {
      const runs = await liveRuns(parts.journal)
      return { text: runsText(runs, parts.clock.now()), json: { runs }, exit: exits.done }
    }
    case 'history':
      return history(parts, command.plan)
    case 'report':
      return report(parts, command.runId)
    case 'failover':
      return ask(parts, { ...command, flow: 'failover' }, as ?? place.asks)
    case 'failback':
      return ask(parts, { ...command, flow: 'failback' }, as ?? place.asks)
    case 'drill':
      return ask(parts, { ...command, flow: 'drill' }, as ?? place.asks)
  }
}

async function status(parts: Parts, name: string): Promise<Told> {
  const seen = await statusFor(parts, planOf(parts.plans, name))
  return { text: statusText(seen), json: seen, exit: sight([seen]) }
}

async function statuses(parts: Parts): Promise<Told> {
  const { plans, broken } = parts.plans
  const seen = await Promise.all(plans.map((plan) => statusFor(parts, plan)))
  return { text: statusesText(seen, broken), json: { plans: seen, broken }, exit: sight(seen) }
}

/** Whether anything could be seen of every plan. */
const sight = (seen: readonly Status[]): Exit =>
  seen.some(({ topology }) => topology.state === 'unknown') ? exits.blind : exits.done

async function history(parts: Parts, plan: string | undefined): Promise<Told> {
  const lines = await historyFor(parts, plan)
  return { text: inTerminal(historyText(lines)), json: { runs: lines }, exit: exits.done }
}

async function report(parts: Parts, runId: string): Promise<Told> {
  const told = await reportFor(parts, runId)
  return { text: inTerminal(reportMarkdown(told)), json: told, exit: exits.done }
}

type Asked =
  | Omit<Extract<TerminalWish, { flow: 'failover' }>, 'by'>
  | Omit<Extract<TerminalWish, { flow: 'failback' }>, 'by'>
  | Omit<Extract<TerminalWish, { flow: 'drill' }>, 'by'>

async function ask(parts: Parts, wish: Asked, by: string | undefined): Promise<Told> {
  if (!by) {
    const text = 'Say who asks: --as with a Slack user id, or UNDERSTUDY_USER.\nNothing was changed.'
    return { text, json: { error: { message: text } }, exit: exits.usage }
  }
  const proposed = await askRun(parts, { ...wish, by })
  if ('dryRun' in proposed)
    return {
      text: `${proposalText(proposed.dryRun)}\nThis was a dry run: nothing was changed.`,
      json: proposed,
      exit: exits.done,
    }
  const { id, proposal } = proposed.run
  const text = `${proposalText(proposal)}\nRun ${id} waits for approval in Slack, in ${proposal.channel}. Nothing was changed.`
  return { text, json: proposed, exit: exits.done }
}

process.exitCode = await main()
