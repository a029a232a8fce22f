import type { Fault } from '../../rehearsal/aws/faults.ts'
import type { Mode } from '../../src/flows/world.ts'

/** A failover on one night, and the part of it in which the bot is killed. */
export type Story = {
  readonly app: 'orders' | 'billing'
  readonly mode: Mode
  /** Whether the home region goes dark before somebody asks for the failover. */
  readonly dark: boolean
  readonly fault?: Omit<Fault, 'id' | 'past'>
  /** The first and the last boundary to die at; the whole night if not given. */
  readonly from?: RegExp
  readonly to?: RegExp
}

const STORIES = {
  emergency: { app: 'orders', mode: 'emergency', dark: true },
  /** AWS refuses the promotion once: the run asks, and somebody presses Retry. */
  refused: {
    app: 'orders',
    mode: 'emergency',
    dark: true,
    fault: { kind: 'denied', service: 'rds', operation: 'FailoverGlobalCluster', times: 1 },
    from: /^noted promote-standby#1:act$/,
    to: /^waiting after noted promote-standby#2:settle:1$/,
  },
  listener: {
    app: 'billing',
    mode: 'emergency',
    dark: true,
    from: /^noted serve-listener#1:look:1$/,
    to: /^noted serve-listener#1:end$/,
  },
  planned: {
    app: 'orders',
    mode: 'planned',
    dark: false,
    from: /^noted note:capacity-before-fence$/,
    to: /^noted switch-over#1:end$/,
  },
} as const satisfies Record<string, Story>

export type StoryName = keyof typeof STORIES
export const stories: Readonly<Record<StoryName, Story>> = STORIES

/** Those of a whole night's boundaries that the story is killed at: each kind once, however often a wait passes it. */
export function pointsOf({ from, to }: Story, passed: readonly string[]): readonly string[] {
  const first = from ? passed.findIndex((where) => from.test(where)) : 0
  const last = to ? passed.findIndex((where) => to.test(where)) : passed.length - 1
  if (first === -1 || last < first) throw new Error(`no boundaries from ${from} to ${to}`)
  const kinds = new Set(passed.slice(0, first).map(kindOf))
  return passed.slice(first, last + 1).filter((where) => kinds.size < kinds.add(kindOf(where)).size)
}

/** A watch tells every new sight under a number of its own: one of them is like the other. */
const kindOf = (where: string) => where.replace(/:(look|settle):\d+$/, ':$1')
