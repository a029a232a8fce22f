import { afterAll, describe, expect, it } from 'vitest'
import { Night } from '../../rehearsal/night.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { approve } from '../../src/app/desk/approving.ts'
import { proposeRun } from '../../src/app/desk/proposing.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import { DynamoJournal } from '../../src/durable/dynamo-journal.ts'
import { planOf } from '../../src/plan/plans.ts'
import { dynamoRig } from './dynamo-rig.ts'

const { newTable, journalOn, wiredOn, end } = dynamoRig()
afterAll(end)

describe('a night whose journal is in DynamoDB', () => {
  it('fails over, and it takes a few hundred requests', async () => {
    const table = await newTable()
    const { client, wire } = wiredOn()
    const night = await Night.begin({
      seed: 227,
      plans: simulatedPlans,
      parts: (own) => ({ ...own, journal: new DynamoJournal({ client, table, ...own }) }),
    })
    const { parts } = night
    const [plan, by] = [planOf(parts.plans, 'orders'), 'U0ASKS']
    const wish = { flow: 'failover', mode: 'emergency', dryRun: false, by } as const
    const proposed = await night.until(proposeRun(parts, plan, wish, 'a-night'))
    if ('dryRun' in proposed) throw new Error('it was not to be a dry run')
    const { id } = proposed.run
    await night.until(approve(parts, proposed.run, { by: 'U0AGREES', reason: 'fire', breakGlass: false }))
    const { journal } = journalOn(table)
    let run = proposed.run
    while (run.phase !== 'ended') {
      await night.sleep(20_000)
      run = await night.until(runOf(journal, id))
    }
    expect(run.outcome).toBe('done')
    expect(await journal.runs({ plan: 'orders' })).toEqual([`ac-${id}`, id])
    expect(await journal.runs({ live: true })).toEqual([`ac-${id}`])
    expect((await journal.locks()).map(({ runId }) => runId)).toEqual([])
    const { writes, reads } = { writes: wire.writes, reads: wire.sent - wire.writes }
    process.stdout.write(
      `${id}: ${(await journal.events(id)).length} events, ${reads} reads, ${writes} writes\n`,
    )
    expect(writes).toBeLessThan(200)
    expect(reads).toBeLessThan(1_500)
    await night.end()
  })
})
