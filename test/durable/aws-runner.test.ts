import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withDurableExecution } from '@aws/durable-execution-sdk-js'
import { LocalDurableTestRunner, WaitingOperationStatus } from '@aws/durable-execution-sdk-js-testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { durableHandler } from '../../src/durable/host.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import { fold } from '../../src/engine/run.ts'
import { cases } from './engine-cases.ts'
import { FolderWorld } from './folder-world.ts'
import { proposal } from './rig.ts'
import { carryOut, openSmallRun, smallFlow } from './small-run.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-aws-runner-'))

/** The same flow and the same host on AWS's own test runner. */
async function onAwsRunner(press: string) {
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true })
  const world = new FolderWorld(mkdtempSync(join(root, 'aws-')), () => {})
  const { clock } = world
  const journal = new SqliteJournal({ file: ':memory:', clock, people: clock })
  const steps = smallFlow.steps.map(({ id }) => id)
  await journal.append('r1', 'proposed', { type: 'proposed', proposal: proposal(steps) })
  const runner = new LocalDurableTestRunner({
    handlerFunction: durableHandler((_, hostFor) =>
      carryOut(world, hostFor({ clock, runId: 'r1', journal, locks: { resources: [], token: 0 } })),
    ),
  })
  const ended = runner.run({ payload: {} })
  const question = runner.getOperation('promote#1')
  await question.waitForData(WaitingOperationStatus.SUBMITTED)
  await question.sendCallbackSuccess(JSON.stringify({ option: press, by: 'U1', reason: 'so be it' }))
  const result = await ended
  await LocalDurableTestRunner.teardownTestEnvironment()
  return {
    status: result.getStatus(),
    end: result.getResult(),
    names: result
      .getOperations()
      .map((operation) => [operation.getType(), operation.getName(), operation.getStatus()]),
    calls: callsOf(world),
    run: fold(await journal.events('r1')),
  }
}

async function onLocalEngine(press: string) {
  const { engine, drive, world, journal } = await openSmallRun(mkdtempSync(join(root, 'local-')), () => {}, {
    press,
  })
  await drive()
  const operations = engine.operations('local:r1').slice(1)
  const status = (await engine.get('r1'))?.status
  await engine.close()
  return {
    status,
    names: operations.map(({ Type, Name, Status }) => [Type, Name, Status]),
    calls: callsOf(world),
    run: fold(await journal.events('r1')),
  }
}

const callsOf = (world: FolderWorld) => world.calls().map((call) => call.replace(/^\d+ /, ''))

describe('the same flow on AWS’s own test runner and on the local engine', () => {
  afterAll(() => rmSync(root, { recursive: true }))

  it.each([
    ['retry', 'done'],
    ['skip', 'done'],
    ['abort', 'aborted'],
  ])('does the same operations and calls when a person chooses %s, and ends %s', async (press, outcome) => {
    const aws = await onAwsRunner(press)
    const local = await onLocalEngine(press)
    expect(aws).toMatchObject({ status: 'SUCCEEDED', end: { outcome } })
    expect(aws.names.length).toBeGreaterThan(10)
    expect(local.names).toEqual(aws.names)
    expect(local.calls).toEqual(aws.calls)
    const told = ({ run }: typeof local | typeof aws) =>
      run?.steps.map(({ id, state, detail }) => [id, state, detail])
    expect(told(local)).toEqual(told(aws))
    expect(local.run?.outcome).toBe(outcome)
    expect(local.status).toBe(aws.status)
  })
})

/**
 * Of the suite for engines, AWS's runner can express what is one execution from its start to its end: all of
 * engine-cases.ts. It cannot express, so only our engines are held to: starting by name, get and list, stop, an answer
 * that comes second or too late (its callbacks time out on the wall's clock, and answers go by an operation's name),
 * heartbeats and execution timeouts on a clock of ours, an invocation that breaks off or is thought dead, and a new
 * process that goes on with the old one's executions.
 */
describe('the cases of the engines’ suite on AWS’s own test runner', () => {
  beforeAll(() => LocalDurableTestRunner.setupTestEnvironment({ skipTime: true }))
  afterAll(() => LocalDurableTestRunner.teardownTestEnvironment())

  it.each(cases)('$title', async ({ flow, input = {}, answer, ends, error, notes }) => {
    const noted: string[] = []
    const runner = new LocalDurableTestRunner({
      handlerFunction: withDurableExecution(flow((what) => noted.push(what))),
    })
    const ended = runner.run({ payload: input })
    if (answer) {
      const question = runner.getOperation('q')
      await question.waitForData(WaitingOperationStatus.SUBMITTED)
      await question.sendCallbackSuccess(JSON.stringify(answer))
    }
    const result = await ended
    expect(result.getStatus()).toBe(ends)
    if (error) expect(error).toContain(result.getError().errorMessage ?? '?')
    expect(noted).toEqual(notes)
  })
})
