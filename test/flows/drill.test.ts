import { describe, expect, it } from 'vitest'
import type { Question } from '../../src/engine/run.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import type { DrillScope } from '../../src/flows/choice.ts'
import { drill } from '../../src/flows/drill.ts'
import type { Side, World } from '../../src/flows/world.ts'
import { type Answering, fakeHost } from '../engine/fake-host.ts'
import { Rig } from './rig.ts'

const choose =
  (option: string): Answering =>
  () => ({ option, by: 'U2', reason: 'because' })
const nobody: Answering = ({ title }) => {
  throw new Error(`nobody expected a question: ${title}`)
}
const OUT_AND_HOME = ['writer to dr', 'records to dr', 'writer to home', 'records to home']
const count = (all: readonly string[], operation: string) =>
  all.filter((call) => call.startsWith(operation)).length

/** Which way the writer and the records were asked to go, in order; AWS's own list of calls is short. */
function moves(rig: Rig): string[] {
  const { database, dns } = rig.outside
  const asked: string[] = []
  Object.assign(rig.outside, {
    database: {
      ...database,
      switchOverTo: (side: Side) => {
        asked.push(`writer to ${side}`)
        return database.switchOverTo(side)
      },
    },
    dns: {
      ...dns,
      swapTo: (...to: Parameters<typeof dns.swapTo>) => {
        asked.push(`records to ${to[0]}`)
        return dns.swapTo(...to)
      },
    },
  })
  return asked
}

/** A pair that has served for a while, and has a fresh backup. */
async function steady({ app = 'orders' as 'orders' | 'billing', backup = true } = {}): Promise<Rig> {
  const rig = new Rig(app)
  rig.plan.drill.soakMinutes = 2
  await rig.after(300)
  if (backup) await rig.until(rig.outside.database.takeSnapshot('home', 'nightly'))
  await rig.after(600)
  rig.forget()
  return rig
}

function drilled(rig: Rig, answer: Answering, scope: DrillScope = 'full', world: Partial<World> = {}) {
  const time = { now: () => rig.clock.now(), sleep: (ms: number) => rig.sleep(ms) }
  const { host } = fakeHost(rig.memory, answer, Number.POSITIVE_INFINITY, time)
  return rig.until(runFlow(drill(scope), { ...rig.world('planned'), ...world }, host))
}

const capacities = async (rig: Rig, side: Side) => {
  const look = await rig.until(rig.outside.services.look(side))
  if (!look.ok) throw new Error(look.detail)
  return look.value.map(({ name, desired, scaling }) => ({
    name,
    desired,
    min: scaling?.min,
    suspended: scaling?.suspended,
  }))
}
const writer = async (rig: Rig) => {
  const look = await rig.until(rig.outside.database.global('home'))
  return look.ok && look.value !== 'absent'
    ? look.value.members.find(({ isWriter }) => isWriter)?.region
    : look
}
const told = (rig: Rig, step: string) =>
  [...rig.memory.events.values()].flatMap((event) =>
    event.type === 'step' && event.step === step ? [event.detail] : [],
  )

describe('the procedure', () => {
  it.each(['full', 'capacity'] as const)('of a %s drill reads in order', (scope) => {
    expect(drill(scope).steps.map(({ title }) => title)).toMatchSnapshot()
  })
  it('names no step twice', () => {
    const ids = drill('full').steps.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a full drill', () => {
  it('goes out, soaks, asks once, and comes home: everything is as it was', async () => {
    const rig = await steady()
    const [home, dr] = [await capacities(rig, 'home'), await capacities(rig, 'dr')]
    const moved = moves(rig)
    const asked: Question[] = []
    const end = await drilled(rig, (question) => {
      asked.push(question)
      return { option: 'home', by: 'U2' }
    })
    expect(end).toEqual({ outcome: 'done', detail: 'Full drill: done' })
    expect(asked.map(({ step }) => step)).toEqual(['go-home'])
    expect(asked[0]?.options.map(({ id }) => id)).toEqual(['home', 'stay', 'abort'])
    expect(moved).toEqual(OUT_AND_HOME)
    expect(told(rig, 'measure-rpo')).toContain('every row that was acknowledged before is in dr')
    expect(told(rig, 'measure-rpo-back')).toContain('every row that was acknowledged before is in home')
    expect([rig.notes.get('rpo'), rig.notes.get('back:rpo')]).toEqual(['0', '0'])
    expect(await writer(rig)).toBe('us-east-1')
    await rig.after(180)
    expect(await capacities(rig, 'dr')).toEqual(dr)
    expect(await capacities(rig, 'home')).toEqual(home)
    expect(rig.simulation.slo('orders').successNow).toBe(1)
  })

  it('switches a listener and a pilot light as well', async () => {
    const rig = await steady({ app: 'billing' })
    expect((await drilled(rig, choose('home'))).outcome).toBe('done')
    expect(await writer(rig)).toBe('us-east-1')
    expect(await capacities(rig, 'dr')).toMatchObject([{ desired: 0 }])
  })

  it('ends on dr where somebody decides to stay, and changes nothing more', async () => {
    const rig = await steady()
    let since = 0
    const end = await drilled(rig, () => {
      since = rig.changes().length
      return { option: 'stay', by: 'U2', reason: 'home looks odd' }
    })
    expect(end.outcome).toBe('done')
    expect(rig.changes().slice(since)).toEqual([])
    expect(await writer(rig)).toBe('us-west-2')
    expect(rig.memory.ends['switch-over-back']).toBe('already')
    expect(told(rig, 'confirm-steady').at(-1)).toBe('not gone: somebody decided to stay on dr')
  })
})

describe('an aborted drill', () => {
  it('before its switch leaves both sides as they were', async () => {
    const rig = await steady()
    const dr = await capacities(rig, 'dr')
    rig.simulation.addFault({ kind: 'denied', service: 'rds', operation: 'SwitchoverGlobalCluster' })
    const end = await drilled(rig, choose('abort'))
    expect(end.outcome).toBe('aborted')
    expect(end.detail).toContain('Everything that was changed was undone')
    expect(rig.memory.ends).toMatchObject({ 'quiesce-writers': 'undone', 'ask-for-capacity': 'undone' })
    await rig.after(240)
    expect(await capacities(rig, 'dr')).toEqual(dr)
    expect(rig.simulation.slo('orders').successNow).toBe(1)
  })

  it('on the way home lets the writers of dr run again: customers are not left waiting', async () => {
    const rig = await steady()
    const end = await drilled(rig, (question) => {
      if (question.step !== 'go-home') return { option: 'abort', by: 'U2' }
      rig.simulation.addFault({ kind: 'denied', service: 'rds', operation: 'SwitchoverGlobalCluster' })
      return { option: 'home', by: 'U2' }
    })
    expect(end.outcome).toBe('aborted')
    expect(rig.memory.ends['quiesce-writers-back']).toBe('undone')
    expect(await writer(rig)).toBe('us-west-2')
    await rig.after(240)
    expect(rig.simulation.slo('orders').successNow).toBe(1)
  })
})

describe('a hold of the way home', () => {
  it('is let go when nobody answers, and started again from there', async () => {
    const rig = await steady()
    let denied = ''
    const limits: (number | undefined)[] = []
    const end = await drilled(rig, (question, limit) => {
      if (question.step === 'go-home')
        denied = rig.simulation.addFault({
          kind: 'denied',
          service: 'rds',
          operation: 'SwitchoverGlobalCluster',
        })
      else limits.push(limit)
      if (question.step === 'go-home') return { option: 'home', by: 'U2' }
      if (limit !== undefined) return 'timeout'
      rig.simulation.removeFaults(denied)
      return { option: 'retry', by: 'U2' }
    })
    expect(end.outcome).toBe('done')
    expect(limits).toEqual([expect.any(Number), undefined])
    expect(told(rig, 'quiesce-writers-back')).toContain('undone')
    expect(await writer(rig)).toBe('us-east-1')
  })
})

describe('the soak', () => {
  it('begins again when dr is not green, and asks when that lasts', async () => {
    const rig = await steady()
    const asked: Question[] = []
    let broken = false
    const world = rig.world('planned')
    const probe: World['probe'] = {
      ...world.probe,
      public: async () =>
        broken
          ? {
              ok: true,
              at: rig.clock.now(),
              value: { healthy: false, status: 503, ms: 1, detail: 'answered 503' },
            }
          : world.probe.public(),
    }
    const notes: World['notes'] = {
      get: world.notes.get,
      async set(name, value) {
        if (name === 'soak' && value.startsWith('green') && !asked.length) broken = true
        await world.notes.set(name, value)
      },
    }
    const end = await drilled(
      rig,
      (question) => {
        asked.push(question)
        broken = false
        return { option: question.step === 'soak' ? 'wait' : 'home', by: 'U2' }
      },
      'full',
      { probe, notes },
    )
    expect(end.outcome).toBe('done')
    expect(asked.map(({ step }) => step)).toEqual(['soak', 'go-home'])
    expect(told(rig, 'soak')).toContainEqual(expect.stringMatching(/^the public probe fails/))
    expect(told(rig, 'soak').at(-1)).toMatch(/^green for 2m \d\ds without a break$/)
  })
})

describe('the guards', () => {
  it('say everything at once, and nothing is touched', async () => {
    const rig = await steady({ backup: false })
    rig.plan.objectives.trafficFloorPerMinute = 1_000_000
    const asked: Question[] = []
    const end = await drilled(
      rig,
      (question) => {
        asked.push(question)
        return { option: 'abort', by: 'U2' }
      },
      'full',
      {
        database: { ...rig.outside.database, snapshots: async () => ({ ok: true, value: [], at: 0 }) },
        alarms: {
          look: async (side) => ({ ok: true, at: 0, value: [{ name: `${side}-5xx`, state: 'ALARM' }] }),
        },
      },
    )
    expect(asked[0]?.detail).toMatch(
      /requests in the last minute.*in alarm: home-5xx; in alarm: dr-5xx; the home cluster has no backup/,
    )
    expect(asked[0]?.options.map(({ id }) => id)).toEqual(['retry', 'abort'])
    expect(end.outcome).toBe('aborted')
    expect(rig.changes()).toEqual([])
  })

  it('wait for what cannot be seen, and ask rather than go on', async () => {
    const rig = await steady()
    const dark = async () =>
      ({ ok: false, why: 'unreachable', detail: 'no answer', waitedMs: 1500, at: 0 }) as const
    const asked: Question[] = []
    await drilled(
      rig,
      (question) => {
        asked.push(question)
        return { option: 'abort', by: 'U2' }
      },
      'full',
      { alarms: { look: dark } },
    )
    expect(asked[0]?.detail).toBe(
      'the alarms of home cannot be seen (no answer); the alarms of dr cannot be seen (no answer)',
    )
    expect(rig.changes()).toEqual([])
  })
})

describe('a capacity drill', () => {
  it('scales dr, proves it, and stands it down again; no customer moves', async () => {
    const rig = await steady({ backup: false })
    const dr = await capacities(rig, 'dr')
    expect((await drilled(rig, nobody, 'capacity')).outcome).toBe('done')
    expect(count(rig.changes(), 'Switchover') + count(rig.changes(), 'ChangeResource')).toBe(0)
    expect(rig.changes().every((call) => call.endsWith('us-west-2'))).toBe(true)
    expect(told(rig, 'await-capacity').at(-1)).toBe('orders-api 6/6 running, orders-web 4/4 running')
    await rig.after(60)
    expect(await capacities(rig, 'dr')).toEqual(dr)
    expect(rig.simulation.slo('orders').successNow).toBe(1)
  })
})
