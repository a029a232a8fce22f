import type { KnownBlock } from '@slack/types'

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

/** Keeps a message within its budget: drops from the end what is neither the heading nor a button, and says so. */
export function withinBudget(blocks: readonly KnownBlock[]): KnownBlock[] {
  const kept = [...blocks]
  let dropped = 0
  while (kept.length > LIMITS.message.blocks - 1 || characters(kept) > LIMITS.message.characters - 100) {
    const last = kept.findLastIndex(({ type }, index) => index > 0 && type !== 'actions' && type !== 'plan')
    if (last < 0) break
    kept.splice(last, 1)
    dropped++
  }
  if (!dropped) return kept
  const said = {
    type: 'mrkdwn',
    text: `${dropped} more parts do not fit here: see the thread, or the terminal.`,
  } as const
  return [...kept, { type: 'context', elements: [said] }]
}
