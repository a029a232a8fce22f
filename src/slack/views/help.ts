import { context, type Message, message, plain, section } from '../blocks.ts'
import { type CommandName, GRAMMAR } from '../commands.ts'

/** What can be done, in at most ten lines; or one command in detail. `slash` is the command's own name. */
export function help(slash: string, topic?: CommandName, stamp?: string): Message {
  if (topic) {
    const { usage, summary, detail, example } = GRAMMAR[topic]
    const blocks = [
      section(`\`${slash} ${plain(usage)}\` · ${summary}\n${detail}`),
      context(`For example \`${slash} ${example}\``),
    ]
    return message(`${slash} ${plain(usage)}: ${summary}`, blocks, stamp)
  }
  const { help: itself, ...others } = GRAMMAR
  const lines = Object.values(others).map(({ usage, summary }) => `\`${slash} ${plain(usage)}\` · ${summary}`)
  return message(
    `What ${slash} can do`,
    [
      section(lines.join('\n')),
      context(
        `\`${slash} ${plain(itself.usage)}\` says more. Nothing is changed before a card is approved in the plan’s incident channel.`,
      ),
    ],
    stamp,
  )
}
