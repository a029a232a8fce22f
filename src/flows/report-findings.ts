import { duration } from '../engine/duration.ts'
import type { Run } from '../engine/run.ts'
import type { Felt } from './outage.ts'
import type { Loss } from './report-loss.ts'
import type { StepReport } from './report-steps.ts'

/** Slower than nine tenths of the past by less than this says nothing. */
const NOISE_MS = 5_000
/** Steps that only look: nobody has to make up for them. */
const MEASURES: readonly string[] = [
  'note-newest-write',
  'measure-rpo',
  'note-newest-write-back',
  'measure-rpo-back',
]
const FENCES: readonly string[] = ['fence-old-side', 'prove-fence']

/** What did not go as it should, each in one sentence. */
export function findingsOf(run: Run, steps: readonly StepReport[]): readonly string[] {
  return [
    ...steps.flatMap(slow),
    ...steps
      .filter(({ state }) => state === 'skipped')
      .map(({ title, detail }) => `“${title}” was ${detail}.`),
    ...steps
      .filter(({ id, state }) => state === 'owed' && !FENCES.includes(id))
      .map(({ title, detail }) => `“${title}” is owed: ${detail}.`),
    ...owedFence(steps),
    ...run.questions.map(asked),
    ...(run.proposal.supersedes ? [`It stopped run ${run.proposal.supersedes} and took over from it.`] : []),
    ...(run.approval?.breakGlass ? ['One person approved it alone, by breaking the glass.'] : []),
  ]
}

const slow = ({ title, tookMs, p90Ms }: StepReport): readonly string[] =>
  tookMs !== undefined && p90Ms !== undefined && tookMs > p90Ms + NOISE_MS
    ? [`“${title}” took ${duration(tookMs)}, more than nine of ten past runs (${duration(p90Ms)}).`]
    : []

/** The last word on the fence counts: one that landed later is owed no more. */
function owedFence(steps: readonly StepReport[]): readonly string[] {
  const last = steps.findLast(({ id, state }) => FENCES.includes(id) && state !== 'pending')
  return last?.state === 'owed' ? [`THE OLD SIDE IS NOT PROVEN FENCED: ${last.detail}.`] : []
}

function asked({ title, answer, askedAt, answeredAt }: Run['questions'][number]): string {
  const what = `The question ${title.startsWith('“') ? title : `“${title}”`}`
  if (!answer) return `${what} was never answered.`
  const waited = answeredAt === undefined ? '' : ` after ${duration(answeredAt - askedAt)}`
  const also = answer.confirmedBy ? `, confirmed by @${answer.confirmedBy}` : ''
  const because = answer.reason ? ` (${answer.reason})` : ''
  return `${what} was answered${waited} by @${answer.by}${also}: *${answer.option}*${because}.`
}

/** What somebody has to do now, the most pressing first. */
export function nextOf(
  run: Run,
  steps: readonly StepReport[],
  felt: { readonly out: Felt; readonly home?: Felt } | undefined,
  lost: { readonly out: Loss; readonly home?: Loss } | undefined,
): readonly string[] {
  const { proposal, outcome, notes } = run
  const target = proposal.rtoTargetMinutes * 60_000
  const late = [felt?.out, felt?.home].some((way) => way && (way.open || way.ms > target))
  return [
    ...(outcome !== undefined && outcome !== 'done'
      ? [`It ended as ${outcome}: look with \`/dr status ${proposal.plan}\` before anything else.`]
      : []),
    ...(owedFence(steps).length ? ['Prove that the old side cannot write, or stop it by hand.'] : []),
    ...wayHome(run),
    ...steps
      .filter(
        ({ id, state }) =>
          (state === 'owed' || state === 'skipped') && !FENCES.includes(id) && !MEASURES.includes(id),
      )
      .map(({ title }) => `See that it is so by now, or do it by hand: “${title}”.`),
    ...(late
      ? [`The outage was longer than the target of ${duration(target)}: see which steps took the time.`]
      : []),
    ...(lost && [lost.out, lost.home].some((loss) => loss?.kind === 'estimate')
      ? ['Give the plan a heartbeat, or see why its rows were not read: what is lost is only estimated.']
      : []),
    ...(notes.rescue?.startsWith('copied:') && !notes['lost-writes']
      ? ['Compare the rescued snapshot with the database, and settle the lost writes.']
      : []),
  ]
}

/** After a move that did not end at home, somebody has to take the pair there. */
function wayHome({ proposal, notes, outcome, steps }: Run): readonly string[] {
  const { flow, plan, input } = proposal
  const command = `\`/dr failback ${plan}\``
  const stayed = flow === 'drill' && notes['go-home']?.startsWith('stay ')
  if (stayed) return [`dr goes on serving by choice: go home with ${command}.`]
  if (flow !== 'failover' || outcome !== 'done') return []
  const moved = steps.some(({ irreversible, state }) => irreversible !== false && state === 'done')
  if (!moved || input.to !== 'dr') return []
  return [
    `Keep Terraform away from both sides until they are reconciled, and go home with ${command} once home follows again.`,
  ]
}
