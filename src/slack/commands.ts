import type { Mode } from '../flows/world.ts'

/** What a person typed after `/dr`, understood; or why not, and what was probably meant. */
export type Command =
  | { readonly kind: 'help'; readonly topic?: CommandName }
  | { readonly kind: 'status'; readonly plan?: string }
  | { readonly kind: 'failover'; readonly plan: string; readonly mode?: Mode; readonly dryRun: boolean }
  | { readonly kind: 'runs' }
  /** No such command. `nearest` is a whole command to type instead. */
  | { readonly kind: 'unknown'; readonly text: string; readonly nearest?: string }
  /** The command exists; its words do not fit it. */
  | { readonly kind: 'misused'; readonly command: CommandName; readonly why: string }

/** The grammar as people read it; help and hints are made of this. */
export const GRAMMAR = {
  status: {
    usage: 'status [plan]',
    summary: 'who serves, lag, DNS, capacity, and what is running',
    detail:
      'Without a plan: one line for each plan. A region that cannot be seen is shown as unknown, never as fine.',
    example: 'status orders',
  },
  failover: {
    usage: 'failover <plan> [emergency|planned|detach] [dry-run]',
    summary: 'move a plan to its standby region',
    detail:
      'Posts a card in the plan’s incident channel; nothing is changed until it is approved. *emergency* (default) may lose the writes not yet replicated; *planned* loses nothing and needs both regions; *detach* is for when AWS cannot fail over. *dry-run* shows every call and makes none.',
    example: 'failover orders emergency dry-run',
  },
  runs: {
    usage: 'runs',
    summary: 'what is running, or waiting for somebody, now',
    detail: 'One line for each run: plan, step, who asked, and what it waits for.',
    example: 'runs',
  },
  help: {
    usage: 'help [command]',
    summary: 'this, or one command in detail',
    detail: 'Words are lower case, separated by spaces.',
    example: 'help failover',
  },
} as const
export type CommandName = keyof typeof GRAMMAR

const NAMES = Object.keys(GRAMMAR) as CommandName[]
const MODES: readonly Mode[] = ['emergency', 'planned', 'detach']
const LONGEST = 200

/** Understands `text`; never throws, whatever was typed. */
export function parseCommand(text: string): Command {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'help' }
  if (trimmed.length > LONGEST || !/^[a-z0-9- ]+$/.test(trimmed)) return unknown(trimmed)
  const [name = '', ...words] = trimmed.split(/ +/)
  switch (name) {
    case 'help':
      return help(words)
    case 'status':
      return status(words)
    case 'runs':
      return words.length ? misused('runs', 'it takes no further words') : { kind: 'runs' }
    case 'failover':
      return failover(words)
    default:
      return unknown(trimmed)
  }
}

const misused = (command: CommandName, why: string): Command => ({ kind: 'misused', command, why })

function help([topic, ...more]: string[]): Command {
  if (topic === undefined) return { kind: 'help' }
  const known = NAMES.find((name) => name === topic)
  if (known && more.length === 0) return { kind: 'help', topic: known }
  const near = nearestOf(topic, NAMES)
  return { kind: 'unknown', text: `help ${topic}`, ...(near ? { nearest: `help ${near}` } : {}) }
}

function status(words: string[]): Command {
  const [plan, ...more] = words
  if (more.length)
    return misused('status', `it takes one plan, and “${words.join(' ')}” are ${words.length} words`)
  return plan === undefined ? { kind: 'status' } : { kind: 'status', plan }
}

function failover([plan, ...words]: string[]): Command {
  if (plan === undefined) return misused('failover', 'it needs the name of a plan')
  const modes = MODES.filter((mode) => words.includes(mode))
  const dryRun = words.includes('dry-run')
  const strange = words.find((word) => word !== 'dry-run' && !MODES.includes(word as Mode))
  if (strange !== undefined) {
    const near = nearestOf(strange, [...MODES, 'dry-run'])
    return misused('failover', `“${strange}” is no word of it${near ? `; did you mean “${near}”?` : ''}`)
  }
  if (modes.length > 1) return misused('failover', `it takes one mode, not ${modes.join(' and ')}`)
  if (words.length > modes.length + (dryRun ? 1 : 0)) return misused('failover', 'a word is there twice')
  const [mode] = modes
  return { kind: 'failover', plan, dryRun, ...(mode ? { mode } : {}) }
}

/** The nearest real command, keeping the words after it; not offered for what is too far from any. */
function unknown(text: string): Command {
  const [first = '', ...rest] = text
    .toLowerCase()
    .slice(0, LONGEST)
    .split(/[^a-z0-9-]+/)
  const near = nearestOf(first, NAMES)
  const words = near === 'runs' ? [] : rest.filter(Boolean).slice(0, 4)
  return { kind: 'unknown', text, ...(near ? { nearest: [near, ...words].join(' ') } : {}) }
}

function nearestOf<T extends string>(word: string, words: readonly T[]): T | undefined {
  const [best] = words
    .map((candidate) => ({ candidate, far: distance(word.slice(0, 20), candidate) }))
    .sort((a, b) => a.far - b.far)
  return best && best.far <= Math.max(2, Math.floor(best.candidate.length / 2)) && best.far < word.length
    ? best.candidate
    : undefined
}

/** Edits between two words: insertions, deletions, replacements and swaps of neighbours. */
export function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : replaced
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped))
    }
  }
  return at(a.length, b.length)
}
