import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { drError } from '../engine/errors.ts'
import { lookAtAws } from '../init/look-at-aws.ts'
import { NotOutputs } from '../init/outputs.ts'
import { NoHome, planText } from '../init/plan-text.ts'
import type { Wish } from '../init/wish.ts'
import { guessesIn } from '../plan/marks.ts'
import { parsePlan } from '../plan/parse.ts'
import { misused, toldOrDone } from './command-line.ts'
import { USAGE, understood } from './init-arguments.ts'
import { placeInRehearsal } from './place.ts'

/** What a test, or a rehearsal, gives instead of AWS. */
export type InitHelp = { readonly look?: (wish: Wish) => ReturnType<typeof lookAtAws> }

const exits = { done: 0, refused: 3 } as const

/**
 * `understudy init`: drafts a plan file and never overwrites one. `args` are the words after `init`; `out` gets what
 * people are told, or with `--out -` the plan itself. Answers the exit code: 0 written, 2 bad input, 3 the file exists.
 */
export async function init(
  args: readonly string[],
  out: (text: string) => void,
  help: InitHelp = {},
): Promise<number> {
  return toldOrDone(false, out, () =>
    drafted(args, out, help).catch((error) => {
      throw inWords(error)
    }),
  )
}

async function drafted(
  args: readonly string[],
  out: (text: string) => void,
  help: InitHelp,
): Promise<number> {
  const { sources, rehearsal, to } = understood(args)
  if (to !== '-' && existsSync(to)) return refused(to, out)
  const look = help.look ?? lookFor(rehearsal)
  const { text, gaps } = await planText(sources(), look)
  if (to === '-') out(text.trimEnd())
  else if (!written(to, text)) return refused(to, out)
  else out(summary(to, text, gaps))
  return exits.done
}

function inWords(error: unknown): unknown {
  if (error instanceof NotOutputs)
    return drError('CONFIG_INVALID', {
      faults: [`${error.file}: ${error.message}; give the output of \`terraform output -json\``],
    })
  if (error instanceof NoHome)
    return misused(USAGE, ['say with --home which region normally serves: AWS is asked there first'])
  return error
}

function lookFor(rehearsal: string | undefined): (wish: Wish) => ReturnType<typeof lookAtAws> {
  if (rehearsal === undefined) return (wish) => lookAtAws(wish)
  const { simulated } = placeInRehearsal(rehearsal)
  return (wish) => lookAtAws(wish, simulated)
}

/** False when there is such a file already: it may have come while AWS was looked at. */
function written(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true })
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw drError(
      'CONFIG_INVALID',
      { faults: [`${path} cannot be written: ${(error as Error).message}`] },
      error,
    )
  }
}

function refused(path: string, out: (text: string) => void): number {
  out(
    `${path} exists already, and a plan is never overwritten.\nNothing was written. Give another file with --out FILE, or see the draft with --out -`,
  )
  return exits.refused
}

function summary(path: string, text: string, gaps: readonly string[]): string {
  const { faults } = parsePlan(text)
  const missing = faults.filter(({ message }) => message.startsWith('is to be filled in'))
  const others = faults.filter((fault) => !missing.includes(fault))
  const guesses = guessesIn(text).length
  return [
    `${path} was written: ${missing.length} to be filled in, ${guesses} to be confirmed.`,
    ...gaps.map((gap) => `! ${gap}`),
    ...others.map(({ at, field, message }) => `! ${path}:${at.line} ${field}: ${message}`),
    `\`understudy validate ${path}\` lists what is left to do.`,
  ].join('\n')
}
