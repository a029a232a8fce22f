import { pastRuns } from '../../engine/past.ts'
import type { Run } from '../../engine/run.ts'
import { historyOf } from '../../flows/history.ts'
import { type Report, reportOf } from '../../flows/report.ts'
import { reportMarkdown } from '../../flows/report-markdown.ts'
import { planOf } from '../../plan/plans.ts'
import type { LinkedLine } from '../../slack/views/history.ts'
import type { Parts } from '../parts.ts'
import { runOf } from '../runs/runs.ts'

type Remembering = Pick<Parts, 'journal' | 'plans'>

/** What was run, newest first: of one plan, or of all. `linkOf` knows where a run's thread is. Throws PLAN_UNKNOWN. */
export async function historyFor(
  { journal, plans }: Remembering,
  name: string | undefined,
  linkOf: (run: Run) => Promise<string | undefined> = async () => undefined,
): Promise<readonly LinkedLine[]> {
  const names = name === undefined ? plans.plans.map((plan) => plan.name) : [planOf(plans, name).name]
  const runs = (await Promise.all(names.map((plan) => pastRuns(journal, plan)))).flat()
  const lines = historyOf(runs)
  return Promise.all(
    lines.map(async (line) => {
      const run = runs.find(({ id }) => id === line.id)
      const link = run && (await linkOf(run))
      return link === undefined ? line : { ...line, link }
    }),
  )
}

/** Everything about one run, beside the past runs of its plan. Throws RUN_UNKNOWN. */
export async function reportFor({ journal }: Pick<Parts, 'journal'>, runId: string): Promise<Report> {
  const run = await runOf(journal, runId)
  const past = await pastRuns(journal, run.proposal.plan)
  return reportOf(
    run,
    past.filter(({ id }) => id !== runId),
  )
}

/** What a run's thread is told at its end, in Markdown; undefined for runs that never began, and for watches. */
export async function threadReport(parts: Pick<Parts, 'journal'>, run: Run): Promise<string | undefined> {
  if (run.startedAt === undefined || run.proposal.flow === 'aftercare') return undefined
  return reportMarkdown(await reportFor(parts, run.id))
}
