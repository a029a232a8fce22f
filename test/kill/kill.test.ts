import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import { openQuestion } from '../../src/engine/run.ts'
import { isFailover } from './play.ts'
import { pointsOf, type StoryName, stories } from './stories.ts'
import type { Told } from './telling.ts'
import { Theatre, type Whole } from './theatre.ts'

/** Two cores: half of a night is the durable SDK's pauses between invocations. */
const AT_A_TIME = 5

const names = Object.keys(stories) as StoryName[]
/** In memory where there is such a folder: a SIGKILL leaves the same there, and nights write a lot. */
const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'understudy-kill-'))

type Point = { readonly name: StoryName; readonly where: string }
type Killed = Told & Point

let theatre: Theatre
const wholes = new Map<StoryName, Whole>()
const points: Point[] = []
const nights: Killed[] = []

beforeAll(async () => {
  theatre = await Theatre.open(root, simulatedPlans(simulate({ clock: manualClock(0), seed: 1 })))
  for (const whole of await Promise.all(
    names.map(async (name) => [name, await theatre.whole(name)] as const),
  ))
    wholes.set(...whole)
  for (const name of names)
    for (const where of pointsOf(stories[name], theWhole(name).passed)) points.push({ name, where })
  nights.push(...(await several(points, killedAt)))
  const handOvers = nights.filter((night) => handedOver(night).length > 0)
  process.stdout.write(`kill points: ${nights.length}, hand-overs: ${handOvers.length}\n`)
}, 600_000)

afterAll(() => {
  theatre.close()
  rmSync(root, { recursive: true, force: true })
})

const killedAt = async ({ name, where }: Point): Promise<Killed> => ({
  ...(await theatre.killed(name, where)),
  name,
  where,
})

/** `work` on every one of `all`, a few at a time; answers in order. */
async function several<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = [...all.entries()]
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return results
}

function theWhole(name: StoryName): Whole {
  const whole = wholes.get(name)
  if (!whole) throw new Error(`${name} was not played`)
  return whole
}

const of = (story: StoryName): readonly Killed[] => nights.filter(({ name }) => name === story)

/** What somebody had to decide because the bot died: a whole night does not ask it. */
function handedOver({ name, run }: Killed): string[] {
  const usual = theWhole(name).run.questions.map(({ detail }) => detail)
  return run.questions.filter(({ detail }) => !usual.includes(detail)).map(({ id }) => id)
}

const irreversible = (changes: readonly string[]) =>
  changes.filter((change) => /^(Failover|Switchover)GlobalCluster/.test(change))

/** By boundary inside an act that may be carried out again: the changes that act makes. */
function actsAgain(name: StoryName): ReadonlyMap<string, readonly string[]> {
  const { passed } = theWhole(name)
  const again = new Map<string, readonly string[]>()
  for (const [begun, where] of passed.entries()) {
    const op = /^noted (.*):act$/.exec(where)?.[1]
    if (!op || /^(promote-standby|switch-over)#/.test(op)) continue
    const inside = passed.slice(begun, passed.indexOf(`noted ${op}:settle:1`))
    const changes = inside.flatMap((each) => /^after (\w+)/.exec(each)?.[1] ?? [])
    for (const each of inside) again.set(each, changes)
  }
  return again
}

/** `these` less `those`, each as often as it is there. */
function without(these: readonly string[], those: readonly string[]): string[] {
  const left = [...those]
  return these.filter((one) => {
    const index = left.indexOf(one)
    if (index !== -1) left.splice(index, 1)
    return index === -1
  })
}

describe('a bot that is killed (SIGKILL) at any boundary of a night and started again', () => {
  it('was killed where it was to be: around changes, in waits, around approvals and answers', () => {
    expect(nights.map(({ name, diedAt }) => ({ name, where: diedAt }))).toEqual(points)
    const places = points.map(({ where }) => where)
    for (const place of [
      'noted proposed',
      'waiting after noted proposed',
      'before the start',
      'after the start',
      'before FailoverGlobalCluster',
      'after FailoverGlobalCluster',
      'waiting after noted promote-standby#1:settle:1',
      'waiting after noted asked:promote-standby#1',
      'noted answered:promote-standby#1',
      'after the answer',
      'after ModifyListener',
      'after ChangeResourceRecordSets',
      'before SwitchoverGlobalCluster',
      'waiting after noted verify-green#1:look:1',
      'noted ended',
    ])
      expect(places).toContain(place)
  })

  describe.each(names)('%s', (name) => {
    it('carries the failover through, and every customer is served', () => {
      for (const { where, run, writers, dns, success } of [
        { ...theWhole(name), where: 'nowhere' },
        ...of(name),
      ])
        expect({ where, outcome: run.outcome, writers, dns, success }).toEqual({
          where,
          outcome: 'done',
          writers: ['dr'],
          dns: 'dr',
          success: 1,
        })
    })

    it('ends every step as a whole night does', () => {
      const ends = ({ run }: Told) =>
        run.steps.map(({ id, state }) => `${id} ${state === 'already' ? 'done' : state}`)
      for (const night of of(name))
        expect({ where: night.where, ends: ends(night) }).toEqual({
          where: night.where,
          ends: ends(theWhole(name)),
        })
    })

    it('asks AWS for what cannot be taken back exactly as often as a whole night, once with success', () => {
      const usual = irreversible(theWhole(name).changes)
      expect(usual.filter((change) => change.endsWith(' ok'))).toHaveLength(1)
      for (const { where, changes } of of(name))
        expect({ where, asked: irreversible(changes) }).toEqual({ where, asked: usual })
    })

    it('repeats another change only when it died inside the act that makes it, or a hold ran out', () => {
      const again = actsAgain(name)
      const usual = theWhole(name).changes
      for (const { where, changes, run } of of(name)) {
        if (run.questions.some(({ id }) => id.endsWith(':released'))) continue
        const extra = without(changes, usual).map((change) => change.replace(/ .*/, ''))
        expect({ where, extra: without(extra, again.get(where) ?? []) }).toEqual({ where, extra: [] })
      }
    })

    it('does nothing any more about a step that was over, unless a hold ran out', () => {
      for (const { where, over, touched, run } of of(name)) {
        if (run.questions.some(({ id }) => id.endsWith(':released'))) continue
        expect({ where, again: touched.filter((step) => over.includes(step)) }).toEqual({ where, again: [] })
      }
    })
  })

  it('asks a person where an irreversible call was begun and cannot be seen to have been made, and only there', () => {
    const asked = nights.filter((night) => handedOver(night).length > 0)
    expect(asked.map(({ name, where }) => `${name}: ${where}`)).toEqual([
      'emergency: noted promote-standby#1:act',
      'emergency: before FailoverGlobalCluster',
      'refused: noted promote-standby#1:act',
      'refused: before FailoverGlobalCluster',
      'refused: after FailoverGlobalCluster',
      'refused: noted promote-standby#2:act',
      'refused: before FailoverGlobalCluster (2)',
      'planned: noted switch-over#1:act',
      'planned: before SwitchoverGlobalCluster',
    ])
  })
})

describe('customers who wait for a planned switchover when the bot is killed', () => {
  it.concurrent.each([
    ['nobody answers', 'before SwitchoverGlobalCluster', 5_000],
    ['it stays dead for long', 'waiting after noted quiesce-writers#1:settle:1', 600_000],
    ['it stays dead for long', 'noted quiesce-writers#1:end', 600_000],
    ['it stays dead for long', 'before SwitchoverGlobalCluster', 600_000],
  ])('are let in again when %s (%s), and the run asks', async (_, where, deadMs) => {
    const life = await theatre.ready('planned', where, deadMs)
    const { night } = life
    await life.begun()
    await night.sleep(600_000)
    const id = (await night.journal.runs()).find(isFailover) ?? ''
    const waiting = await runOf(night.journal, id)
    expect(openQuestion(waiting)?.id).toMatch(/^quiesce-writers#\d+:released$/)
    const { success, sides } = night.simulation.state().apps.orders
    expect({ success, writes: sides.home.writer }).toEqual({ success: 1, writes: true })
    for (const service of sides.home.services) expect(service.running).toBe(service.needed)

    await life.retry(waiting)
    expect((await life.stands(waiting)).outcome).toBe('done')
    const switched = life.calls.filter(({ operation }) => operation === 'SwitchoverGlobalCluster')
    expect(switched.map(({ outcome }) => outcome)).toEqual(['ok'])
    await night.end()
  })
})
