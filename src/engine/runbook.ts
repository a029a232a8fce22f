import type { Flow, Step } from './step.ts'

/** A flow as a Markdown chapter with a Mermaid chart, for people who must do it, or judge it, without the bot. */
export function runbook<World>({ title, steps }: Flow<World>): string {
  return [
    `## ${title}`,
    '',
    chart(steps),
    '',
    ...steps.flatMap((step, index) => [section(step, index), '']),
  ].join('\n')
}

function section<World>(step: Step<World>, index: number): string {
  const lines = [
    `- id: \`${step.id}\``,
    step.act ? '- looks, acts only if something is missing, then looks until it is there' : '- only looks',
    ...(step.irreversible ? [`- **cannot be taken back:** ${step.irreversible}`] : []),
    `- ${patience(step)}`,
    ...(step.holdSeconds
      ? [`- undone by itself after ${step.holdSeconds} s, unless \`${step.heldUntil}\` has begun`]
      : []),
    ...(step.undo ? ['- undone when the run is aborted before the point of no return'] : []),
  ]
  return `### ${index + 1}. ${step.title}\n\n${lines.join('\n')}`
}

/** How long the step may take, and what happens then. */
function patience<World>(step: Step<World>): string {
  const limit =
    step.timeoutMinutes === 'none' ? 'waits as long as it takes' : `may take ${step.timeoutMinutes} min`
  if (step.bestEffort) return `${limit}; what is not proven by then is *owed*, and the run goes on`
  const remedies = (step.whenStuck ?? []).map(({ label, explain }) => `*${label}* (${explain})`)
  const skip = step.unskippable ? `; skipping is not offered: ${step.unskippable}` : ''
  const ways = ['*Retry*', ...remedies, ...(step.unskippable ? [] : ['*Skip with a reason*']), '*Abort*']
  return `${limit}; then a person chooses: ${ways.join(', ')}${skip}`
}

function chart<World>(steps: readonly Step<World>[]): string {
  const nodes = steps.map(({ id, title, irreversible }) => {
    const text = `"${title.replaceAll('"', "'")}"`
    return `  ${id}${irreversible ? `{{${text}}}` : `[${text}]`}`
  })
  return ['```mermaid', 'flowchart TD', ...nodes, `  ${steps.map(({ id }) => id).join(' --> ')}`, '```'].join(
    '\n',
  )
}
