import type { ContextBlock, KnownBlock, RichTextBlock, TaskCardBlock } from '@slack/types'
import { context, list, type Message, section } from '../blocks.ts'

/**
 * The same message in blocks every Slack client and every Slack has known for years: section, context, actions.
 * Used for the rest of a run when Slack refuses the newer blocks.
 */
export const classic = ({ text, blocks }: Message): Message => ({ text, blocks: blocks.flatMap(older) })

function older(block: KnownBlock): KnownBlock[] {
  switch (block.type) {
    case 'section':
    case 'context':
    case 'actions':
      return [block]
    case 'header':
      return [section(`*${block.text.text}*`)]
    case 'plan':
      return [list(block.title, (block.tasks as TaskCardBlock[]).map(taskLine), '')]
    case 'container':
      return [section(`*${block.title?.text ?? ''}*`), ...block.child_blocks.flatMap(older)]
    default:
      return [context(`(${block.type} not shown here)`) as ContextBlock]
  }
}

const MARKS: Record<TaskCardBlock['status'], string> = {
  pending: ':white_circle:',
  in_progress: ':hourglass_flowing_sand:',
  complete: ':white_check_mark:',
  error: ':x:',
}

const taskLine = ({ title, status, details }: TaskCardBlock) =>
  `${MARKS[status]} ${escaped(title)}${details ? ` · ${mrkdwnOf(details)}` : ''}`

/** Plain text of a task becomes mrkdwn here, so it is escaped now. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const mrkdwnOf = ({ elements }: RichTextBlock) =>
  elements
    .flatMap((part) => (part.type === 'rich_text_section' ? part.elements : []))
    .map((part) =>
      part.type === 'text' ? escaped(part.text) : part.type === 'user' ? `<@${part.user_id}>` : '',
    )
    .join('')
