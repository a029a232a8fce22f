import { beforeAll, describe, expect, it } from 'vitest'
import { pointAt } from '../../rehearsal/aws/world/dns.ts'
import { aftercare } from '../../src/flows/aftercare.ts'
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

const story: Story = { flow: aftercare, mode: 'emergency', from: 'dr' }
const HOUR = 3600

/** Home died with the newest writes; it is back after an hour, with its old services, and AWS resyncs it. */
async function afterEmergency(): Promise<Begun> {
  const rig = new HomeRig('orders')
  await rig.after(120)
  await rig.after(30, 'home', 'mute')
  await rig.run('emergency')
  await rig.after(HOUR)
  rig.simulation.addFault({ kind: 'resync', ms: 10 * 60_000 })
  await rig.simulation.outage('us-east-1', undefined)
  return keep(rig)
}

const copies = ({ snapshots }: Death['rest']) => snapshots.filter(({ lostWrites }) => lostWrites.length)

/** How long things took is not the same when a bot has died in between. */
const timeless = <T extends { readonly detail: string }>(end: T): T => ({
  ...end,
  detail: end.detail.replace(/\d+m \d\ds|\d+(\.\d)? s/g, '…'),
})

describe('aftercare, killed', { timeout: 180_000 }, () => {
  let begun: Begun
  let calm: Awaited<ReturnType<typeof dyingOnce>>['calm']
  let deaths: readonly Death[]
  let killed: Awaited<ReturnType<typeof dyingEverywhere>>

  beforeAll(async () => {
    begun = await afterEmergency()
    ;({ calm, deaths } = await dyingOnce(begin(begun), story))
    killed = await dyingEverywhere(begin(begun), story)
    const seconds = Math.round(process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6)
    process.stdout.write(
      `aftercare: ${killed.died.length} deaths in one run, ${deaths.length} alone; ${seconds} s so far\n`,
    )
  }, 180_000)

  it('at every boundary, it goes on each time and ends as if it had not', () => {
    expect(killed.died.length).toBeGreaterThan(40)
    expect(calm.end.outcome).toBe('done')
    expect(timeless(killed.end)).toEqual(timeless(calm.end))
    expect(killed.steps).toEqual(calm.steps)
    expect(killed.rest).toEqual(calm.rest)
    expect(killed.asked).toEqual([])
  })

  it('at one boundary of an act, ends as if it had not', () => {
    expect(deaths.length).toBeGreaterThan(10)
    for (const { where, end, steps, rest } of deaths)
      expect({ where, end: timeless(end), steps, rest }).toEqual({
        where,
        end: timeless(calm.end),
        steps: calm.steps,
        rest: calm.rest,
      })
  })

  it('keeps the lost writes in one copy, which it asks for once', () => {
    expect(once(calm.calls)).toEqual(['CopyDBClusterSnapshot us-east-1'])
    for (const { calls, rest } of [killed, ...deaths]) {
      expect(once(calls)).toEqual(once(calm.calls))
      expect(copies(rest)).toHaveLength(1)
    }
  })

  it('fences home again only where it died while it did, and nothing of dr', () => {
    for (const { where, calls } of deaths) {
      expect(calls.every(({ region }) => region === 'us-east-1')).toBe(true)
      if (/:acted$|^after .*:act$|was carried out$/.test(where)) continue
      expect({ where, again: again(calls) }).toEqual({ where, again: again(calm.calls) })
    }
  })
})

describe('a watch that was dead for hours', { timeout: 120_000 }, () => {
  it('still copies the lost writes', async () => {
    const rig = await dyingAt(begin(await afterEmergency()), story, 'before telling keep-lost-writes#2:act')
    await rig.after(20 * HOUR)
    const { end, rest } = await goingOn(rig, story)
    expect(end.outcome).toBe('done')
    expect(copies(rest)).toMatchObject([{ id: 'dr-r1-rescue-orders-home' }])
  })

  it('does not fence the side that people have made the serving one meanwhile', async () => {
    const rig = await dyingAt(begin(await afterEmergency()), story, 'before hold-fence#1:act')
    await rig.after(HOUR)
    rig.simulation.enter('orders', 'protected', 'home')
    pointAt(rig.simulation.world, 'orders', 'home')
    await rig.after(60)
    const { end, calls } = await goingOn(rig, story)
    expect({ outcome: end.outcome, calls }).toEqual({ outcome: 'done', calls: [] })
    expect(rig.simulation.slo('orders').successNow).toBe(1)
  })
})
