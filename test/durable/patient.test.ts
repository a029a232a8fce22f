import { afterAll, expect, it } from 'vitest'
import { fold } from '../../src/engine/run.ts'
import { killing } from './killing.ts'
import { openSmallRun } from './small-run.ts'

const scene = killing('patient')
afterAll(() => scene.clear())

/** Goes on with a run to its end, and counts what it cost. */
async function finish(folder: string) {
  let updates = 0
  const boundary = (where: string) => {
    if (where.startsWith('after keeping')) updates++
  }
  const { engine, journal, world, drive } = await openSmallRun(folder, boundary, { flow: 'patient' })
  await drive()
  const operations = engine.operations('local:r1')
  const story = {
    run: fold(await journal.events('r1')),
    records: await journal.events('r1'),
    operations: operations.length,
    // Nobody says whether each look of a watch is an operation to pay for: counted as if it were.
    attempts: operations.reduce((sum, { StepDetails }) => sum + Math.max(1, StepDetails?.Attempt ?? 1), 0),
    updates,
    looks: world.calls().filter((call) => call.endsWith(' look resync')).length,
    acts: world
      .calls()
      .filter((call) => / act /.test(call))
      .map((call) => call.replace(/^\d+ /, '')),
  }
  await engine.close()
  return story
}

it('waits six hours for a resync with at most 1,000 durable operations', async () => {
  const { run, operations, attempts, updates, looks, records } = await finish(scene.newFolder('whole'))
  process.stdout.write(
    `six hours: ${operations} operations, ${attempts} with every look, ${updates} written, ${looks} looks\n`,
  )
  expect(run?.outcome).toBe('done')
  expect((run?.endedAt ?? 0) - (run?.startedAt ?? run?.proposedAt ?? 0)).toBeGreaterThanOrEqual(6 * 3_600_000)
  expect(operations).toBeLessThan(30)
  expect(attempts).toBeLessThanOrEqual(1000)
  expect(updates).toBeLessThanOrEqual(1000)
  const heartbeats = records.filter(({ event }) => event.type === 'step' && event.step === 'resync').length
  expect(heartbeats).toBeGreaterThan(20)
  expect(heartbeats).toBeLessThan(30)
}, 120_000)

it('survives ten kills on the way, and costs little more', async () => {
  const folder = scene.newFolder('killed')
  for (let kill = 0; kill < 10; kill++) expect(await scene.runUntilKilled(folder, 120 + kill)).toBe('SIGKILL')
  const { run, attempts, acts } = await finish(folder)
  expect(run?.outcome).toBe('done')
  expect(run?.steps.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
  expect(acts).toEqual(['act quiesce', 'act dns'])
  expect(attempts).toBeLessThanOrEqual(1000)
}, 120_000)
