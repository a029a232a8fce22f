import { beforeAll, describe, expect, it } from 'vitest'
import type { DrillScope } from '../../src/flows/choice.ts'
import { drill } from '../../src/flows/drill.ts'
import {
  again,
  type Begun,
  begin,
  type Death,
  dyingEverywhere,
  dyingOnce,
  keep,
  once,
  type Story,
} from './deaths.ts'
import { HomeRig } from './failback-rig.ts'

/** A pair that has served for a while, and has a fresh backup. */
async function steady(): Promise<Begun> {
  const rig = new HomeRig('orders')
  await rig.after(300)
  await rig.until(rig.outside.database.takeSnapshot('home', 'nightly'))
  await rig.after(600)
  return keep(rig)
}
/** Everybody has the plan of the rig; the soak of this one is short. */
function soaking(begun: Begun): HomeRig {
  const rig = begin(begun)
  rig.plan.drill.soakMinutes = 2
  return rig
}

const storyOf = (scope: DrillScope): Story => ({
  flow: drill(scope),
  from: 'home',
  answer: ({ step, options }) =>
    step === 'go-home' ? { option: 'home', by: 'U2' } : { option: options[0]?.id ?? '', by: 'U1' },
})
const SWITCHES = ['SwitchoverGlobalCluster us-east-1', 'SwitchoverGlobalCluster us-west-2']

describe.each(['full', 'capacity'] as const)('a %s drill, killed', { timeout: 180_000 }, (scope) => {
  const story = storyOf(scope)
  let begun: Begun
  let calm: Awaited<ReturnType<typeof dyingOnce>>['calm']
  let deaths: readonly Death[]
  let killed: Awaited<ReturnType<typeof dyingEverywhere>>
  let success = 0

  beforeAll(async () => {
    begun = await steady()
    ;({ calm, deaths } = await dyingOnce(soaking(begun), story))
    const rig = soaking(begun)
    killed = await dyingEverywhere(rig, story)
    await rig.after(90)
    success = rig.simulation.slo('orders').successNow
    const seconds = Math.round(process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6)
    process.stdout.write(
      `${scope}: ${killed.died.length} deaths in one run, ${deaths.length} alone; ${seconds} s so far\n`,
    )
  }, 180_000)

  it('at every boundary, it goes on each time and ends as if it had not', () => {
    expect(killed.died.length).toBeGreaterThan(scope === 'full' ? 300 : 60)
    expect(calm.end.outcome).toBe('done')
    expect(killed.end).toEqual(calm.end)
    expect(killed.steps).toEqual(calm.steps)
    expect(killed.rest).toEqual(calm.rest)
  })

  it('leaves writer, records and customers at home, and both sides as they were', () => {
    expect(killed.rest.records).toBe('home')
    expect(killed.rest.globals).toMatchObject([{ writer: expect.stringMatching(/orders-home$/) }])
    expect(success).toBe(1)
    const services = begin(begun).simulation.world.ecs.services.filter(({ app }) => app === 'orders')
    expect(killed.rest.services).toEqual(services.map(({ id, desired }) => ({ id, desired })))
  })

  it('makes no call a second time that must not be', () => {
    const switches = once(calm.calls).filter((call) => call.startsWith('Switchover'))
    expect(switches).toEqual(scope === 'full' ? SWITCHES : [])
    expect(once(killed.calls)).toEqual(once(calm.calls))
    for (const { where, calls, calm: peace } of deaths)
      expect({ where, once: once(calls) }).toEqual({ where, once: once(peace.calls) })
  })

  it('at one boundary of an act or an answer, leaves the step as if it had not', () => {
    expect(deaths.length).toBeGreaterThan(10)
    for (const { where, rest, calm: peace } of deaths)
      expect({ where, rest }).toEqual({ where, rest: peace.rest })
  })

  it('asks for the rest again only where it died in the act of asking', () => {
    for (const { where, calls, calm: peace } of deaths) {
      if (/:acted$|^after .*:act$|was carried out$/.test(where)) continue
      expect({ where, again: again(calls) }).toEqual({ where, again: again(peace.calls) })
    }
  })
})

describe('a full drill that cannot switch, killed', { timeout: 180_000 }, () => {
  it('at every boundary of its abort, undoes all of it: nobody waits, and dr is as it was', async () => {
    const begun = await steady()
    const rig = soaking(begun)
    rig.simulation.addFault({ kind: 'denied', service: 'rds', operation: 'SwitchoverGlobalCluster' })
    const { end, rest, died } = await dyingEverywhere(rig, {
      ...storyOf('full'),
      answer: ({ id }) => ({ option: id.includes('switch-over') ? 'abort' : 'retry', by: 'U1' }),
    })
    expect(end.outcome).toBe('aborted')
    expect(died).toEqual(expect.arrayContaining([expect.stringMatching(/^after quiesce-writers:undo$/)]))
    const services = begin(begun).simulation.world.ecs.services.filter(({ app }) => app === 'orders')
    expect(rest.services).toEqual(services.map(({ id, desired }) => ({ id, desired })))
    expect(rest.records).toBe('home')
    await rig.after(240)
    expect(rig.simulation.slo('orders').successNow).toBe(1)
  })
})
