import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  doAct,
  eventually,
  isAlive,
  pictureOf,
  type Started,
  startRehearsal,
  stateDir,
  stop,
} from '../rehearsal/start.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const MAYA = 'U0MAYACHEN'
const JONAS = 'U0JONASWEB'
const PRIYA = 'U0PRIYARAO'

const { dir, remove } = stateDir()
let started: Started
beforeAll(async () => {
  started = await startRehearsal(['--state-dir', dir, '--seed', '3', '--time-scale', '120'])
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await stop(started)
  remove()
})

const children: ChildProcess[] = []
/** A terminal that is open: what it has said so far, and how it ends. */
type Open = { readonly child: ChildProcess; readonly said: string[]; readonly ended: Promise<number | null> }

function opened(...args: string[]): Open {
  const child = spawn(process.execPath, [MAIN, '--rehearsal', dir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  return { child, said, ended: once(child, 'exit').then(([code]) => code as number | null) }
}
async function ran(...args: string[]) {
  const terminal = opened(...args)
  const code = await terminal.ended
  return { code, said: terminal.said.join('') }
}
const json = async (...args: string[]) => JSON.parse((await ran(...args, '--json')).said)
const hears = ({ said }: Open, words: RegExp) =>
  eventually(String(words), () => words.exec(said.join('')) ?? undefined, 30_000)
const asked = async (operation: string) => {
  const { calls } = await (await fetch(`${started.contract.control}/_sim/journal`)).json()
  return calls.filter((call: { operation: string }) => call.operation === operation)
}

let killed = ''

test('the bot is killed in mid-failover and Slack cut off: `understudy resume` finishes it', async () => {
  const { contract } = started
  await doAct(contract, 'outage', { kind: 'drop' })
  const { run } = await json('failover', 'orders', '--as', MAYA)
  killed = run.id
  const approved = await json('approve', killed, '--as', JONAS, '--confirm', 'orders', '--reason', 'dark')
  expect(approved.run.approval).toMatchObject({ by: JONAS, reason: 'dark' })
  await eventually('the promotion is asked for', async () => (await asked('FailoverGlobalCluster'))[0])
  await doAct(contract, 'slack', { up: false })
  await doAct(contract, 'hold', {})
  await eventually('the bot is dead', () => !isAlive(contract.botPid) || undefined)

  const unsure = await ran('resume', killed, '--as', JONAS, '--here')
  expect(unsure).toMatchObject({ code: 3, said: expect.stringContaining('--old-execution-is-dead') })
  const sure = ['--old-execution-is-dead', '--confirm', `${killed} is dead`]
  const resumed = await ran('resume', killed, '--as', JONAS, '--here', ...sure)
  expect(resumed.said).toContain(`${killed}-r2 done: Emergency failover: done`)
  expect(resumed.said).toContain(`understudy resume ac-${killed}-r2 --here`)
  expect(resumed.code).toBe(0)
  expect(await asked('FailoverGlobalCluster')).toHaveLength(1)
}, 60_000)

test('two people on two terminals, without Slack and without a bot: asked for, approved, decided, done', async () => {
  await fetch(`${started.contract.control}/_sim/faults`, {
    method: 'POST',
    body: JSON.stringify({ kind: 'denied', operation: 'ModifyListener', times: 1 }),
  })
  const maya = opened('failover', 'billing', '--as', MAYA, '--here')
  const [, runId = ''] = await hears(maya, /Run (fo-billing-\w+) waits for approval/)

  const own = await ran('approve', runId, '--as', MAYA, '--confirm', 'billing', '--reason', 'dark', '--here')
  expect(own).toMatchObject({ code: 3, said: expect.stringContaining('You may not approve this run') })
  const wrong = await ran('approve', runId, '--as', JONAS, '--confirm', 'biling', '--reason', 'dark')
  expect(wrong).toMatchObject({ code: 3, said: expect.stringContaining('Type exactly “billing”') })
  const jonas = opened('approve', runId, '--as', JONAS, '--confirm', 'billing', '--reason', 'dark', '--here')

  await hears(maya, /needs a decision/)
  await hears(jonas, /AWS refused elasticloadbalancing:ModifyListener/)
  const unasked = await ran('decide', runId, '--as', PRIYA)
  expect(unasked).toMatchObject({ code: 2, said: expect.stringMatching(/retry +Retry \(looks first\)/) })
  const decided = await ran('decide', runId, 'retry', '--as', PRIYA, '--here')
  expect(decided).toMatchObject({ code: 0, said: expect.stringContaining('Answered: Retry') })

  expect(await jonas.ended).toBe(0)
  expect(await maya.ended).toBe(0)
  for (const { said } of [jonas, maya]) expect(said.join('')).toContain(`${runId} done`)
  const report = await json('report', runId)
  expect(JSON.stringify(report)).toContain(PRIYA)
}, 60_000)

test('a journal of one machine alone is for those who may break the glass, and says what it is', async () => {
  const alone = ['--alone', '--state-dir', join(dir, 'alone')]
  const jonas = await ran('drill', 'orders', '--as', JONAS, ...alone)
  expect(jonas).toMatchObject({ code: 3, said: expect.stringContaining('shares no lock with anybody') })
  const unsaid = await ran('failover', 'orders', '--as', MAYA, ...alone)
  expect(unsaid).toMatchObject({
    code: 2,
    said: expect.stringContaining('orders shares no lock with anybody'),
  })
}, 30_000)

test('then bot and Slack return: the watches begin, and the killed run’s board says where it goes on', async () => {
  const { contract } = started
  await doAct(contract, 'slack', { up: true })
  await doAct(contract, 'release', {})
  await eventually('the watches are under way', async () => {
    const { runs } = await json('runs')
    const watches = runs.filter(
      ({ id, phase }: { id: string; phase: string }) => id.startsWith('ac-') && phase === 'running',
    )
    return watches.length === 2 || undefined
  })
  await eventually('its board says so', async () =>
    (await pictureOf(contract)).channel?.messages.find((message) =>
      JSON.stringify(message).includes(`it goes on as ${killed}-r2`),
    ),
  )
  expect(await asked('FailoverGlobalCluster')).toHaveLength(2)
}, 60_000)
