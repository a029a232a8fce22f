import { receiptOf } from './act.ts'
import type { Host } from './host.ts'
import type { Step } from './step.ts'

/** How a flow ended, in words for the journal; `by` where a person chose it. */
export type FlowEnd = {
  readonly outcome: 'done' | 'aborted' | 'failed'
  readonly detail: string
  readonly by?: string
}

/** Why a flow stops before its end; thrown by steps, caught by the interpreter. */
export class Stopped extends Error {
  readonly end: FlowEnd
  constructor(outcome: FlowEnd['outcome'], detail: string, by?: string) {
    super(detail)
    this.end = { outcome, detail, ...(by ? { by } : {}) }
  }
}

/** Takes back what a step's act did, in a checkpoint of that name; answers whether that worked. */
export async function undo<World>(step: Step<World>, op: string, world: World, host: Host): Promise<boolean> {
  const { undo: takeBack, id } = step
  if (!takeBack) return false
  const { inside } = host
  return host.checkpoint(op, async () => {
    const done = await receiptOf(async () => {
      await inside.mayAct()
      return takeBack(world)
    })
    await inside.record(op, { type: 'step', step: id, ...toldOf(done) })
    return 'receipt' in done
  })
}

/** An undo as the journal keeps it. */
function toldOf(done: Awaited<ReturnType<typeof receiptOf>>) {
  if ('receipt' in done)
    return { state: 'undone', detail: 'undone', evidence: done.receipt.evidence } as const
  return { state: 'failed', detail: `undo failed: ${done.fault.message}`, fault: done.fault } as const
}

/** In what state a run leaves the world; `untraced` were asked for, and nothing was seen of them. */
export function whatIsLeft<World>(
  acted: number,
  left: readonly string[],
  untraced: readonly Step<World>[],
): string {
  const doubts = untraced.map(
    ({ title }) =>
      ` “${title}” was asked for and nothing was seen of it: it may still begin, so look with \`/dr status\` first.`,
  )
  const other = doubts.length ? ' else' : ''
  if (left.length) return `Left as it is: ${left.join(', ')}.${doubts.join('')}`
  if (acted) return `Everything${other} that was changed was undone.${doubts.join('')}`
  return `Nothing${other} was changed.${doubts.join('')}`
}
