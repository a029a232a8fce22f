import { activeOf } from '../app/desk/scanning.ts'
import { openTerminal, type Terminal } from '../app/terminal/terminal.ts'
import { actOn, askForRun, type Seat } from './acting.ts'
import { type Arguments, parseArguments, usage } from './arguments.ts'
import { check } from './check.ts'
import { dispatched } from './dispatch.ts'
import { exits, type Told, toldOf } from './exits.ts'
import { type Place, placeInRehearsal, placeOnAws } from './place.ts'
import { promptOn } from './prompt.ts'
import { history, report, runs, status } from './reading.ts'
import { scan } from './scan.ts'

/** The terminal: one command, its answer, its exit code. */
async function main(): Promise<number> {
  const [first, ...rest] = process.argv.slice(2)
  if (first === 'scan') return scanned(rest)
  const other = await dispatched(process.argv.slice(2))
  if (other !== undefined) return other
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
  else (isAnswer(json, exit) ? process.stdout : process.stderr).write(`${text}\n`)
  return exit
}

/** What was asked for, though a part of it may be unknown; and not what stood against it. */
const isAnswer = (json: unknown, exit: Told['exit']): boolean =>
  exit === exits.done ||
  (exit === exits.blind && !(typeof json === 'object' && json !== null && 'error' in json))

async function answer(given: Arguments): Promise<Told> {
  try {
    const { rehearsal } = given
    const place =
      rehearsal === undefined ? placeOnAws(process.env, given) : placeInRehearsal(rehearsal, given)
    if (given.alone)
      process.stderr.write('A JOURNAL OF THIS MACHINE ALONE: it shares no lock with anybody.\n')
    const terminal = await openTerminal(place)
    try {
      return await carryOut(terminal, given, place)
    } finally {
      await terminal.close()
    }
  } catch (error) {
    return toldOf(error)
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
  const { parts, close } = await openTerminal(
    dir === undefined ? placeOnAws(process.env) : placeInRehearsal(dir),
  )
  try {
    return await scan(words, out, { plans: parts.plans, activeOf: (plan) => activeOf(parts, plan) })
  } finally {
    await close()
  }
}

async function carryOut(terminal: Terminal, given: Arguments, place: Place): Promise<Told> {
  const { parts } = terminal
  const { command } = given
  switch (command.kind) {
    case 'help':
      return { text: usage, json: { usage }, exit: exits.done }
    case 'status':
      return status(parts, command.plan)
    case 'check':
      return check(parts, command.plan)
    case 'runs':
      return runs(parts)
    case 'history':
      return history(parts, command.plan)
    case 'report':
      return report(parts, command.runId)
    case 'failover':
    case 'failback':
    case 'drill':
      return askForRun(seatOf(terminal, given, place), command)
    default:
      return actOn(seatOf(terminal, given, place), command)
  }
}

/** Ctrl-C leaves in order; a second one leaves as it is, and a run that was carried out here is left as by a crash. */
function seatOf(terminal: Terminal, given: Arguments, place: Place): Seat {
  const stop = new AbortController()
  const left = () => {
    if (stop.signal.aborted) process.exit(exits.left)
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, left)
  return {
    ...{ terminal, given, stop: stop.signal },
    as: given.as ?? place.asks,
    prompt: promptOn(process.stdin, process.stderr, given),
    say: (text) => void (given.json || process.stdout.write(`${text}\n`)),
  }
}

process.exitCode = await main()
