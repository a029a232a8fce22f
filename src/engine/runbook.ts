import type { Flow, Step } from './step.ts'

/** A flow as a Markdown chapter with a Mermaid chart, for people who must do it, or judge it, without the bot. */
export function runbook<World>({ title, steps, duties }: Flow<World>): string {
  return [
    `## ${title}`,
    '',
    ...(duties ? [TENDED, ''] : []),
    chart(steps, duties),
    '',
    ...steps.flatMap((step, index) => [section(step, index, duties), '']),
  ].join('\n')
}

const TENDED =
  'These are duties: they are looked at in turn, again and again, none waiting for another, until all are done or ' +
  'somebody ends the run. What fails is told and tried again by itself, more and more rarely.'

function section<World>(step: Step<World>, index: number, duties?: true): string {
  const lines = [
    `- id: \`${step.id}\``,
    step.act ? '- looks, acts only if something is missing, then looks until it is there' : '- only looks',
    ...(step.inParts ? ['- acts again, without asking, for as long as there is a next part'] : []),
    ...(step.irreversible ? [`- **cannot be taken back:** ${step.irreversible}`] : []),
    ...(step.asks
      ? ['- **asks people**, and looks again once they have answered; *Abort* is always offered']
      : []),
    ...(duties ? [] : [`- ${patience(step)}`]),
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

/** Six-sided: cannot be taken back; slanted: asks people; duties stand side by side. */
function chart<World>(steps: readonly Step<World>[], duties?: true): string {
  const nodes = steps.map(({ id, title, irreversible, asks }) => {
    const text = `"${title.replaceAll('"', "'")}"`
    if (irreversible) return `  ${id}{{${text}}}`
    return `  ${id}${asks ? `[/${text}/]` : `[${text}]`}`
  })
  const order = duties ? [] : [`  ${steps.map(({ id }) => id).join(' --> ')}`]
  return ['```mermaid', 'flowchart TD', ...nodes, ...order, '```'].join('\n')
}
