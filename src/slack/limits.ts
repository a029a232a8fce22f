import type { KnownBlock, PlanBlock, TaskCardBlock } from '@slack/types'

/**
 * Slack's limits, enforced where blocks are built. `message` is ours: the total over all blocks is undocumented, and
 * messages were refused from about 11,000 characters on.
 */
export const LIMITS = {
  header: 150,
  section: 3000,
  field: 2000,
  fields: 10,
  context: 10,
  actions: 25,
  button: 75,
  value: 2000,
  confirm: { title: 100, text: 300, button: 30 },
  modal: { title: 24, button: 24, metadata: 3000, alert: 200, label: 2000, blocks: 100 },
  plan: 50,
  container: { title: 150, children: 10 },
  text: 3000,
  message: { characters: 8000, blocks: 45 },
} as const

/** The text, or its beginning and an ellipsis; never cuts a character in half. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const end = text.charCodeAt(max - 2) >= 0xd800 && text.charCodeAt(max - 2) <= 0xdbff ? max - 2 : max - 1
  return `${text.slice(0, end)}…`
}

/** Cuts between lines: as many whole lines as fit, and how many did not. */
export function cutLines(lines: readonly string[], max: number): string {
  const kept: string[] = []
  let left = max - 30
  for (const line of lines) {
    const short = cut(line, max - 30)
    if (short.length + 1 > left) break
    left -= short.length + 1
    kept.push(short)
  }
  if (kept.length < lines.length) kept.push(`… and ${lines.length - kept.length} more`)
  return kept.join('\n')
}

/** Characters Slack may count: every text in the blocks, names of types excepted. */
export function characters(value: unknown, key = ''): number {
  if (typeof value === 'string') return key === 'type' ? 0 : value.length
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce((sum, [name, item]) => sum + characters(item, name), 0)
}

/** Keeps a message within its budget: shortens a plan, then drops from the end what is neither heading, plan nor button. */
export function withinBudget(blocks: readonly KnownBlock[]): KnownBlock[] {
  let kept = [...blocks]
  for (const shorten of SHORTER) {
    if (!tooMuch(kept)) break
    kept = kept.map((block) => (block.type === 'plan' ? shortened(block, shorten) : block))
  }
  const before = kept.length
  while (tooMuch(kept)) {
    const last = kept.findLastIndex(({ type }, index) => index > 0 && type !== 'actions' && type !== 'plan')
    if (last < 0) break
    kept.splice(last, 1)
  }
  const dropped = before - kept.length
  if (!dropped) return kept
  const said = { type: 'mrkdwn', text: `${dropped} more parts do not fit here: see the thread.` } as const
  return [...kept, { type: 'context', elements: [said] }]
}

/** One less than the limits, because what was dropped has to be said. */
const tooMuch = (blocks: readonly KnownBlock[]): boolean =>
  blocks.length > LIMITS.message.blocks - 1 || characters(blocks) > LIMITS.message.characters - 100

/** Details of what is over go first, then all details, then long titles. */
const SHORTER: readonly ((task: TaskCardBlock) => TaskCardBlock)[] = [
  (task) => (task.status === 'complete' || task.status === 'pending' ? withoutDetails(task) : task),
  (task) => withoutDetails(task),
  (task) => ({ ...task, title: cut(task.title, 60) }),
]

const withoutDetails = ({ details: _dropped, ...task }: TaskCardBlock): TaskCardBlock => task

const shortened = (plan: PlanBlock, shorten: (task: TaskCardBlock) => TaskCardBlock): PlanBlock => ({
  ...plan,
  tasks: (plan.tasks ?? []).map((task) => shorten(task as TaskCardBlock)),
})
