import { type Message, message, plain, section } from '../blocks.ts'

/** A drill that nobody has run for longer than the plan says. */
export function drillReminder(plan: string, lastDrill: string, stamp?: string): Message {
  const text = `A drill of ${plain(plan)} is overdue`
  return message(
    text,
    [
      section(
        `:calendar: *${text}*: ${plain(lastDrill)}.\nAsk for one with \`/dr drill ${plain(plan)}\`, or begin with \`/dr drill ${plain(plan)} capacity\`, which moves no customer.`,
      ),
    ],
    stamp,
  )
}
