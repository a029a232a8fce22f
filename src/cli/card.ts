import type { Run } from '../engine/run.ts'
import { inTerminal } from './exits.ts'
import { proposalText } from './print.ts'

/** The whole card of a run, as Slack's has it: what it would do, what it stops, where it asks people, who decides. */
export function cardText({ proposal }: Run): string {
  const { supersedes, steps, requestedBy, approvers, twoPeople, expiresAt } = proposal
  const asking = steps.filter(({ asks }) => asks).map(({ title }) => `✋ waits for people: ${title}`)
  const until = new Date(expiresAt).toISOString().slice(11, 16)
  return inTerminal(
    [
      proposalText(proposal),
      ...asking,
      ...(supersedes ? [`✗ it stops run ${supersedes}, and takes over its locks`] : []),
      `  asked for by ${requestedBy}; to be approved by ${approvers.join(', ') || 'nobody'}${twoPeople ? ', but not by who asked' : ''}, until ${until} UTC`,
    ].join('\n'),
  )
}
