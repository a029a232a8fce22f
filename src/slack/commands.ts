import type { DrillScope } from '../flows/choice.ts'
import type { Mode } from '../flows/world.ts'

/** What a person typed after `/dr`, understood; or why not, and what was probably meant. */
export type Command =
  | { readonly kind: 'help'; readonly topic?: CommandName }
  | { readonly kind: 'status'; readonly plan?: string }
  | { readonly kind: 'check'; readonly plan?: string }
  | { readonly kind: 'failover'; readonly plan: string; readonly mode?: Mode; readonly dryRun: boolean }
  | { readonly kind: 'failback'; readonly plan: string; readonly dryRun: boolean }
  | { readonly kind: 'drill'; readonly plan: string; readonly scope: DrillScope; readonly dryRun: boolean }
  | { readonly kind: 'history'; readonly plan?: string }
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
  check: {
    usage: 'check [plan]',
    summary: 'what would stand in the way of a failover, a drill or the way home',
    detail:
      'Every step of the flows that may be needed next only looks, through the roles a run would use: all faults at once, and nothing is changed. Without a plan: one line for each plan.',
    example: 'check orders',
  },
  failover: {
    usage: 'failover <plan> [emergency|planned|detach] [dry-run]',
    summary: 'move a plan to its standby region',
    detail:
      'Posts a card in the plan’s incident channel; nothing is changed until it is approved. *emergency* (default) may lose the writes not yet replicated; *planned* loses nothing and needs both regions; *detach* is for when AWS cannot fail over. *dry-run* shows every call and makes none.',
    example: 'failover orders emergency dry-run',
  },
  failback: {
    usage: 'failback <plan> [dry-run]',
    summary: 'take a plan home again, or give it back its standby',
    detail:
      'Looks at AWS, chooses the way home and says why: it waits for the old cluster to catch up, or rescues what it holds and has it built anew by your Terraform. Loses nothing: the switch is planned, and whatever deletes a cluster asks a second person again. *dry-run* shows every call and makes none.',
    example: 'failback orders dry-run',
  },
  drill: {
    usage: 'drill <plan> [capacity] [dry-run]',
    summary: 'rehearse it for real: out to dr and home again, measured',
    detail:
      'A planned switchover to dr, a while of serving from there, a go/no-go, and the switchover home: customers meet a short outage, twice. *capacity* scales and proves dr without moving a customer. *dry-run* shows every call and makes none.',
    example: 'drill orders capacity',
  },
  history: {
    usage: 'history [plan]',
    summary: 'past runs: who, why, how it ended, and the figures',
    detail: 'The newest first, with a link to each thread. Without a plan: of all plans.',
    example: 'history orders',
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
    case 'check':
    case 'history':
      return maybePlan(name, words)
    case 'runs':
      return words.length ? misused('runs', 'it takes no further words') : { kind: 'runs' }
    case 'failover':
      return failover(words)
    case 'failback':
      return failback(words)
    case 'drill':
      return drill(words)
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

function maybePlan(kind: 'status' | 'check' | 'history', words: string[]): Command {
  const [plan, ...more] = words
  if (more.length)
    return misused(kind, `it takes one plan, and “${words.join(' ')}” are ${words.length} words`)
  return plan === undefined ? { kind } : { kind, plan }
}

function failover(given: string[]): Command {
  const read = planAndWords('failover', given, [...MODES, 'dry-run'])
  if ('kind' in read) return read
  const modes = MODES.filter((mode) => read.words.has(mode))
  if (modes.length > 1) return misused('failover', `it takes one mode, not ${modes.join(' and ')}`)
  const [mode] = modes
  return { kind: 'failover', plan: read.plan, dryRun: read.words.has('dry-run'), ...(mode ? { mode } : {}) }
}

function failback(given: string[]): Command {
  const read = planAndWords('failback', given, ['dry-run'])
  return 'kind' in read ? read : { kind: 'failback', plan: read.plan, dryRun: read.words.has('dry-run') }
}

function drill(given: string[]): Command {
  const read = planAndWords('drill', given, ['capacity', 'dry-run'])
  if ('kind' in read) return read
  const { plan, words } = read
  return {
    kind: 'drill',
    plan,
    scope: words.has('capacity') ? 'capacity' : 'full',
    dryRun: words.has('dry-run'),
  }
}

/** A plan's name and then any of `known`, each at most once; or what does not fit. */
function planAndWords(
  command: CommandName,
  [plan, ...words]: string[],
  known: readonly string[],
): Command | { readonly plan: string; readonly words: ReadonlySet<string> } {
  if (plan === undefined) return misused(command, 'it needs the name of a plan')
  const strange = words.find((word) => !known.includes(word))
  if (strange !== undefined) {
    const near = nearestOf(strange, known)
    return misused(command, `“${strange}” is no word of it${near ? `; did you mean “${near}”?` : ''}`)
  }
  const given = new Set(words)
  return given.size < words.length ? misused(command, 'a word is there twice') : { plan, words: given }
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
