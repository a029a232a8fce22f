import type { KnownBlock, RichTextBlock, TaskCardBlock } from '@slack/types'

/** Blocks as lines a person can compare: the type, then its text; buttons with where they point. */
export function drawn(blocks: readonly KnownBlock[]): string {
  return blocks.flatMap(lines).join('\n')
}

const richText = (block?: RichTextBlock) =>
  (block?.elements ?? [])
    .flatMap((part) => (part.type === 'rich_text_section' ? part.elements : []))
    .map((part) => (part.type === 'text' ? part.text : part.type === 'user' ? `<@${part.user_id}>` : ''))
    .join('')

function lines(block: KnownBlock): string[] {
  switch (block.type) {
    case 'header':
      return [`# ${block.text.text}`]
    case 'section':
      return [
        ...(block.text ? [block.text.text] : []),
        ...(block.fields ?? []).map(({ text }) => `| ${text.replace('\n', ' = ')}`),
      ]
    case 'context':
      return block.elements.map((element) => `~ ${'text' in element ? element.text : ''}`)
    case 'plan':
      return [
        `plan: ${block.title}`,
        ...((block.tasks ?? []) as TaskCardBlock[]).map(
          ({ status, title, details }) => `  [${status}] ${title}${details ? ` / ${richText(details)}` : ''}`,
        ),
      ]
    case 'container':
      return [`+ ${block.title?.text}`, ...block.child_blocks.flatMap(lines).map((line) => `    ${line}`)]
    case 'alert':
      return [`! ${block.level}: ${block.text.text}`]
    case 'input':
      return [`input ${block.block_id}: ${block.label.text} (${block.hint?.text})`]
    case 'actions':
      return block.elements.map((element) =>
        element.type === 'button'
          ? `[${element.text.text}] ${element.style ?? ''} ${element.action_id}${element.confirm ? ' (asks again)' : ''} ${element.value}`
          : element.type,
      )
    default:
      return [block.type]
  }
}
