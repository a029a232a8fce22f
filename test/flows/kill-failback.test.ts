import { beforeAll, describe, expect, it } from 'vitest'
import type { State } from '../../rehearsal/aws/states.ts'
import { pointAt } from '../../rehearsal/aws/world/dns.ts'
import type { Branch } from '../../src/flows/choice.ts'
import { failback } from '../../src/flows/failback.ts'
import type { Side } from '../../src/flows/world.ts'
import {
  again,
  type Begun,
  begin,
  type Death,
  dyingAt,
  dyingEverywhere,
  dyingOnce,
  goingOn,
  keep,
  once,
  type Story,
} from './deaths.ts'
import { HomeRig } from './failback-rig.ts'

async function inState(state: State, active: Side): Promise<Begun> {
  const rig = new HomeRig('orders')
  rig.simulation.enter('orders', state, active)
  await rig.after(60)
  return keep(rig)
}

/** Home died with the newest writes, dr serves, and home is back: AWS saves what was lost and builds a standby. */
async function afterEmergency(): Promise<Begun> {
  const rig = new HomeRig('orders')
  await rig.after(120)
  await rig.after(30, 'home', 'mute')
  await rig.run('emergency')
  rig.simulation.addFault({ kind: 'resync', ms: 6 * 60_000 })
  await rig.simulation.outage('us-east-1', undefined)
  await rig.after(90)
  return keep(rig)
}

const BRANCHES: readonly (readonly [Branch, Side, () => Promise<Begun>])[] = [
  ['fast', 'dr', afterEmergency],
  ['rebuild', 'dr', () => inState('detached', 'dr')],
  ['repair', 'home', () => inState('orphaned', 'home')],
]
/** Steps that die one by one in the branch that has them first. */
const DIED: ReadonlySet<string>[] = [
  new Set(),
  new Set(failback('fast').steps.map(({ id }) => id)),
  new Set([...failback('fast').steps, ...failback('rebuild').steps].map(({ id }) => id)),
]
const storyOf = (branch: Branch, from: Side): Story => ({
  flow: failback(branch),
  from,
  // The one thing that only a person can decide: whether an act was sent before the bot died.
  answer: ({ options }) =>
    options.some(({ id }) => id === 'retry') ? { option: 'retry', by: 'U1' } : undefined,
})
const HOME = /cluster:orders-home$/
const takesAway = (operation: string) => /^(Delete|Remove)/.test(operation)

describe.each(BRANCHES)('%s, killed', { timeout: 180_000 }, (branch, active, world) => {
  const story = storyOf(branch, active)
  const index = BRANCHES.findIndex(([name]) => name === branch)
  let calm: Awaited<ReturnType<typeof dyingOnce>>['calm']
  let deaths: readonly Death[]
  let killed: Awaited<ReturnType<typeof dyingEverywhere>>
  let success = 0

  beforeAll(async () => {
    const begun = await world()
    ;({ calm, deaths } = await dyingOnce(begin(begun), story, (step) => DIED[index]?.has(step) ?? false))
    const rig = begin(begun)
    killed = await dyingEverywhere(rig, story)
    await rig.after(90)
    success = rig.simulation.slo('orders').successNow
    const seconds = Math.round(process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6)
    process.stdout.write(
      `${branch}: ${killed.died.length} deaths in one run, ${deaths.length} alone; ${seconds} s so far\n`,
    )
  }, 180_000)

  it('at every boundary, it goes on each time and ends as if it had not', () => {
    expect(killed.died.length).toBeGreaterThan(150)
    expect(killed.end).toEqual(calm.end)
    expect(calm.end.outcome).toBe('done')
    expect(killed.steps).toEqual(calm.steps)
    expect(killed.rest).toEqual(calm.rest)
  })

  it('leaves writer, records and customers at home, and dr a member', () => {
    expect(killed.rest.records).toBe('home')
    expect(killed.rest.globals).toMatchObject([
      {
        writer: expect.stringMatching(HOME),
        members: expect.arrayContaining([expect.stringMatching(/orders-dr$/)]),
      },
    ])
    expect(success).toBe(1)
  })

  it('makes no call a second time that must not be', () => {
    expect(once(killed.calls)).toEqual(once(calm.calls))
    for (const { where, calls, calm: peace } of deaths)
      expect({ where, once: once(calls) }).toEqual({ where, once: once(peace.calls) })
  })

  it('at one boundary of an act or an answer, leaves the step as if it had not', () => {
    expect(deaths.length).toBeGreaterThan(5)
    for (const { where, rest, calm: peace } of deaths)
      expect({ where, rest }).toEqual({ where, rest: peace.rest })
  })

  it('asks for the rest again only where it died in the act of asking', () => {
    for (const { where, calls, calm: peace } of deaths) {
      if (/:acted$|^after .*:act$|was carried out$/.test(where)) continue
      expect({ where, again: again(calls) }).toEqual({ where, again: again(peace.calls) })
    }
  })

  it('asks a person whether to go on only after it died in what cannot be taken back', () => {
    const doubts = deaths.filter(({ asked }) =>
      asked.some(({ options }) => options.some(({ id }) => id === 'retry')),
    )
    expect(
      doubts.map(({ where }) => where).filter((where) => !/^(begun|before telling) .*#\d:act$/.test(where)),
    ).toEqual([])
  })

  it('keeps every write that was lost', () => {
    const saved = (rest: Death['rest']) => rest.snapshots.flatMap(({ lostWrites }) => lostWrites).length
    expect(saved(killed.rest)).toBe(saved(calm.rest))
    expect(saved(killed.rest)).toBeGreaterThan(0)
  })

  it('takes nothing away without its approval, and nothing of dr', () => {
    for (const { asked, calls } of [calm, killed]) {
      const taken = calls.filter(({ operation }) => takesAway(operation))
      const approved = asked.find(({ step }) => step === 'approve-deletion')?.at ?? Number.POSITIVE_INFINITY
      expect(taken.filter(({ at, region }) => at < approved || region !== 'us-east-1')).toEqual([])
      expect(taken.length > 0).toBe(branch === 'rebuild')
    }
  })
})

describe('a bot that was dead for hours', { timeout: 180_000 }, () => {
  it.each(['before delete-stale-cluster#1:act', 'before telling unprotect-stale#1:acted'])(
    '%s: it does not go on deleting what customers are sent to by now',
    async (place) => {
      const story = storyOf('rebuild', 'dr')
      const rig = await dyingAt(begin(await inState('detached', 'dr')), story, place)
      await rig.after(6 * 3600)
      pointAt(rig.simulation.world, 'orders', 'home')
      const { end, asked, calls } = await goingOn(rig, {
        ...story,
        answer: ({ detail }) => {
          expect(detail).toContain('the records do not all point at dr')
          return { option: 'abort', by: 'U1' }
        },
      })
      expect(end.outcome).toBe('aborted')
      expect(asked).toHaveLength(1)
      expect(calls).toEqual([])
    },
  )
})
