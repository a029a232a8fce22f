import { afterEach, describe, expect, it } from 'vitest'
import { Night } from '../../rehearsal/night.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { approve } from '../../src/app/desk/approving.ts'
import { answerQuestion } from '../../src/app/desk/deciding.ts'
import { proposeRun } from '../../src/app/desk/proposing.ts'
import { probedRuns, probeRun, proberOf } from '../../src/app/runs/prober.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import { openQuestion, type Run } from '../../src/engine/run.ts'
import { lastDrillOf } from '../../src/flows/history.ts'
import { reportOf } from '../../src/flows/report.ts'
import { reportMarkdown } from '../../src/flows/report-markdown.ts'
import { planOf } from '../../src/plan/plans.ts'

const HOUR = 3_600_000
let night: Night | undefined
afterEach(async () => {
  await night?.end()
  night = undefined
})

async function begun(): Promise<Night> {
  const one = await Night.begin({ seed: 5, plans: simulatedPlans })
  night = one
  await one.sleep(20 * 60_000)
  return one
}

async function asked(on: Night, scope: 'full' | 'capacity' = 'full'): Promise<Run> {
  const wish = { flow: 'drill', scope, dryRun: false, by: 'U0ASKS' } as const
  const plan = planOf(on.parts.plans, 'orders')
  const proposed = await on.until(proposeRun(on.parts, plan, wish, `drill-${on.clock.now()}`))
  if ('dryRun' in proposed) throw new Error('it was not to be a dry run')
  return proposed.run
}
const approved = async (on: Night, run: Run) =>
  on.until(approve(on.parts, run, { by: 'U0AGREES', reason: 'the quarterly drill', breakGlass: false }))
async function answered(on: Night, run: Run, option: string): Promise<void> {
  const question = openQuestion(run)
  if (!question) throw new Error('nothing was asked')
  const ask = { kind: 'answer', option, by: 'U0AGREES', channel: 'C0INCIDENT', reason: 'because' } as const
  await on.until(answerQuestion(on.parts, run, { ...ask, runId: run.id, question: question.id }))
}
const stands = (on: Night, id: string) =>
  on.runWhen(id, (run) => run.phase === 'ended' || openQuestion(run) !== undefined)

describe('a drill from the ask to the report', () => {
  it('measures the outage both ways, through the death of a prober and two at once, and loses nothing', async () => {
    const on = await begun()
    const probers = [proberOf(on.parts), proberOf(on.parts)]
    let stopped = on.journal.onChange(() => void probers[0]?.look())
    const run = await asked(on)
    await approved(on, run)

    await on.runWhen(run.id, ({ steps }) =>
      steps.some(({ id, state }) => id === 'soak' && state === 'waiting'),
    )
    await on.until(probers[0]?.close() ?? Promise.resolve())
    stopped()
    stopped = on.journal.onChange(() => void probers[1]?.look())
    const second = probeRun(on.parts, run.id, HOUR)

    const waiting = await stands(on, run.id)
    expect(openQuestion(waiting)?.detail).toMatch(/Outage on the way out: .+s\. RPO: 0\.0 s, measured/)
    await on.sleep(90_000)
    await answered(on, waiting, 'home')
    const ended = await stands(on, run.id)
    expect(ended.ending).toBe('Full drill: done')
    expect(await on.until(second)).toBe(false)
    expect(await probedRuns(on.journal)).toEqual([])
    stopped()
    await on.until(probers[1]?.close() ?? Promise.resolve())

    const done = await runOf(on.journal, run.id)
    const report = reportOf(done, [])
    expect(reportMarkdown(report)).toContain('| RTO target | 15m 00s: kept |')
    expect(report.lost).toMatchObject({ out: { kind: 'measured', ms: 0 }, home: { kind: 'measured', ms: 0 } })
    const { out, home } = report.outage ?? {}
    // What the simulated customers felt on the way home, a minute without failures ending it.
    const truth = on.simulation.slo('orders').outage?.seconds ?? 0
    expect(Math.abs((home?.ms ?? 0) / 1000 - truth)).toBeLessThan(30)
    for (const way of [out, home]) {
      expect(way?.over).toBe(true)
      expect(way?.ms).toBeGreaterThan(20_000)
      expect(way?.ms).toBeLessThan(300_000)
    }
    expect(lastDrillOf([done], on.clock.now(), 90).text).toMatch(/today: outage out .+s, home .+s, RPO 0/)
  })
})

describe('the card of a drill', () => {
  it('is not refused for one look that came too late, and is for one that fails twice', async () => {
    const on = await begun()
    const fault = { kind: 'mute', operation: 'DescribeAlarms', region: 'us-west-2' } as const
    on.simulation.addFault({ ...fault, times: 1 })
    expect((await asked(on)).phase).toBe('proposed')
    on.simulation.addFault(fault)
    await expect(asked(on)).rejects.toMatchObject({
      code: 'FLOW_REFUSED',
      message: expect.stringContaining('alarms'),
    })
  })
})
