import { readFileSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { crossings } from '../plan/crossing.ts'
import type { PlanFault } from '../plan/faults.ts'
import { type PlanFile, planFilesIn, readPlanFiles } from '../plan/loader.ts'
import { type Guess, guessesIn } from '../plan/marks.ts'
import { fieldName } from '../plan/parse.ts'
import { remedyOf } from '../plan/remedy.ts'
import { misused, toldOrDone, understoodBy } from './command-line.ts'

const USAGE =
  'understudy validate [FOLDER|FILE…] [--json]\nWithout one, the folder UNDERSTUDY_PLANS, or plans. Nothing is asked of AWS or Slack.'

type Told = PlanFault & { readonly remedy: string }
type Judged = {
  readonly file: string
  readonly name: string
  readonly faults: readonly Told[]
  /** What `understudy init` guessed and nobody has confirmed: told, and no fault. */
  readonly guesses: readonly Guess[]
}

/**
 * `understudy validate`: everything that is wrong with plan files, offline. `args` are the words after `validate`; `out`
 * gets lines, annotations where `env` says that GitHub runs it, or with `--json` one object. Answers the exit code:
 * 0 nothing wrong, 1 a fault, 2 bad input.
 */
export async function validate(
  args: readonly string[],
  out: (text: string) => void,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const json = args.includes('--json')
  return toldOrDone(json, out, () => {
    const judged = judge(pathsOf(args, env))
    const summary = summaryOf(judged)
    if (json) out(JSON.stringify({ plans: judged, summary }))
    else for (const line of told(judged, env.GITHUB_ACTIONS === 'true')) out(line)
    return summary.faults ? 1 : 0
  })
}

function pathsOf(args: readonly string[], env: Readonly<Record<string, string | undefined>>): string[] {
  const { positionals } = understoodBy(USAGE, () =>
    parseArgs({ args: [...args], options: { json: { type: 'boolean' } }, allowPositionals: true }),
  )
  const named = positionals.length ? positionals : [env.UNDERSTUDY_PLANS || 'plans']
  const faults: string[] = []
  const paths = named.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    const files = found?.isDirectory() ? planFilesIn(path) : [path]
    if (!found) faults.push(`there is no ${path}`)
    else if (files.length === 0) faults.push(`no plan file (*.yaml) is in ${path}`)
    else if (path.endsWith('.json')) faults.push(`${path} is compiled: give the folder of the plan files`)
    return files
  })
  if (faults.length) throw misused(USAGE, faults)
  return [...new Set(paths)]
}

function judge(paths: readonly string[]): Judged[] {
  const files = readPlanFiles(paths)
  const sound = files.flatMap(({ plan, faults }) => (plan && faults.length === 0 ? [plan] : []))
  const crossed = crossings(sound)
  return files.map((file) => {
    const others = crossed.filter(({ plan }) => file.faults.length === 0 && plan === file.plan?.name)
    const faults = [
      ...file.faults.map((fault) => ({ ...fault, remedy: remedyOf(fault) })),
      ...others.map(({ path, message }) => ({
        ...(file.at?.(path) ?? { line: 1, column: 1 }),
        field: fieldName(path),
        message,
        remedy: 'Leave it to one of the two plans, or make them one: a run of either would change both.',
      })),
    ]
    return { file: relative('', file.path), name: file.name, faults, guesses: guesses(file) }
  })
}

function guesses({ path }: PlanFile): Guess[] {
  try {
    return guessesIn(readFileSync(path, 'utf8'))
  } catch {
    return []
  }
}

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`

function summaryOf(judged: readonly Judged[]) {
  const faults = judged.flatMap((plan) => plan.faults)
  return {
    plans: judged.length,
    broken: judged.filter((plan) => plan.faults.length > 0).length,
    faults: faults.length,
    toFillIn: faults.filter(({ message }) => message.startsWith('is to be filled in')).length,
    guesses: judged.reduce((sum, plan) => sum + plan.guesses.length, 0),
  }
}

function told(judged: readonly Judged[], annotate: boolean): string[] {
  const lines = judged.flatMap(({ file, faults, guesses }) => [
    ...faults.flatMap(({ line, column, field, message, remedy }) => {
      const text = field ? `${field}: ${message}` : message
      return [
        `${file}:${line}:${column} ${text}`,
        `    ${remedy}`,
        ...(annotate ? [annotation('error', { file, line, col: column }, `${text}. ${remedy}`)] : []),
      ]
    }),
    ...guesses.flatMap(({ line, text }) => [
      `${file}:${line} a guess that nobody has confirmed: ${text}`,
      ...(annotate
        ? [annotation('warning', { file, line }, `a guess that nobody has confirmed: ${text}`)]
        : []),
    ]),
  ])
  const { plans, broken, faults, toFillIn, guesses } = summaryOf(judged)
  const wrong = faults
    ? `${count(faults, 'fault', 'faults')} in ${broken}${toFillIn ? `, ${toFillIn} of them to be filled in` : ''}`
    : 'no fault'
  const open = guesses ? `; ${count(guesses, 'guess', 'guesses')} to be confirmed` : ''
  return [...lines, `${count(plans, 'plan', 'plans')}: ${wrong}${open}.`]
}

/** A line by which GitHub marks a file's line in a pull request. */
function annotation(
  level: 'error' | 'warning',
  where: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const data = (value: string) => value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (value: string | number) =>
    data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')
  const at = Object.entries(where).map(([key, value]) => `${key}=${property(value)}`)
  return `::${level} ${at.join(',')}::${data(text)}`
}
