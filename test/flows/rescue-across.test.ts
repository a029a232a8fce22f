import { describe, expect, it } from 'vitest'
import { keyOf } from '../../rehearsal/aws/world/snapshots.ts'
import { drError } from '../../src/engine/errors.ts'
import { copyLostWrites } from '../../src/flows/rescue.ts'
import { copyAcross, lookAcross } from '../../src/flows/rescue-across.ts'
import { keepLostWrites } from '../../src/flows/steps/aftercare-duties.ts'
import { rescueLostWrites } from '../../src/flows/steps/rescue-lost-writes.ts'
import { RESCUE_PREFIX, type SafeWorld, type SnapshotFacts } from '../../src/flows/world.ts'
import { AT, dark, orders, seen } from './facts.ts'
import { HomeRig } from './failback-rig.ts'

const MINUTE = 60_000
const keys = { home: keyOf('us-east-1'), dr: keyOf('us-west-2') }
const database = { ...orders.database, rescueKeys: keys }

const snapshot = (region: string, id: string, change: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  id,
  arn: `arn:aws:rds:${region}:111122223333:cluster-snapshot:${id}`,
  cluster: 'orders-home',
  type: 'manual',
  status: 'available',
  percent: 100,
  createdAt: AT,
  engineVersion: '16.6',
  encrypted: true,
  ...change,
})
const original = snapshot('us-east-1', `${RESCUE_PREFIX}orders-home-1`, { type: 'automated' })
const kept = snapshot('us-east-1', 'dr-r1-rescue-orders-home', { sourceArn: original.arn })
const across = (change: Partial<SnapshotFacts> = {}) =>
  snapshot('us-west-2', 'dr-r1-rescue-orders-home', { sourceArn: original.arn, ...change })

/** dr serves; what each region keeps is given, and may change. `refuse`: what AWS says to a copy across. */
function world(own: readonly SnapshotFacts[], there: SnapshotFacts[] = [], refuse?: string) {
  const notes = new Map([['rescue', `copied:${kept.id}`]])
  const state = { now: AT, there, refuse, asked: [] as string[], blind: false }
  const made = {
    plan: { ...orders, database },
    runId: 'r1',
    mode: 'emergency',
    from: 'dr',
    to: 'home',
    database: {
      snapshots: async () => seen(own),
      snapshotsAcross: async () => (state.blind ? dark('us-west-2') : seen(state.there)),
      copySnapshot: async () => ({ evidence: ['copied in its own region'] }),
      async copySnapshotAcross(_: string, source: string, name: string) {
        state.asked.push(`${source} as ${name}`)
        if (state.refuse)
          throw drError('ACT_REJECTED', { call: 'CopyDBClusterSnapshot', code: state.refuse, why: 'no' })
        return { evidence: [`asked for ${name}`] }
      },
    },
    notes: {
      get: async (name: string) => notes.get(name),
      async set(name: string, value: string) {
        notes.set(name, value)
      },
    },
    now: () => state.now,
  } as unknown as SafeWorld
  return { world: made, notes, state }
}
const some = { tries: 3, waitMs: 60 * MINUTE }

describe('the copy in the other region', () => {
  it('is kept once it is available there, and is not looked for again', async () => {
    const { world: here, notes, state } = world([original, kept], [across()])
    const wanted = { state: 'done', detail: 'copied to us-west-2 too (dr-r1-rescue-orders-home)' }
    expect(await lookAcross(here, some)).toEqual(wanted)
    expect(notes.get('rescue-across')).toContain('"ids":"dr-r1-rescue-orders-home"')
    state.blind = true
    expect(await lookAcross(here, some)).toEqual(wanted)
  })

  it('counts when it was made of our copy, after AWS’s own has expired', async () => {
    const ofOurs = across({ sourceArn: kept.arn })
    expect(await lookAcross(world([kept], [ofOurs]).world, some)).toMatchObject({ state: 'done' })
    expect(await lookAcross(world([kept], [across()]).world, some)).toMatchObject({ state: 'done' })
    const other = across({ sourceArn: 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:other' })
    expect(await lookAcross(world([kept], [other]).world, some)).toMatchObject({ state: 'ready' })
  })

  it('is waited for while it crosses, and asked for again under another name where it failed', async () => {
    const { world: here, state } = world([original, kept], [across({ status: 'copying', percent: 40 })])
    expect(await lookAcross(here, some)).toMatchObject({
      state: 'pending',
      detail: expect.stringContaining('to us-west-2: 40 %'),
    })
    expect(await copyAcross(here)).toEqual({ evidence: [] })
    state.there = [across({ status: 'failed' })]
    expect(await lookAcross(here, some)).toMatchObject({ state: 'ready' })
    await copyAcross(here)
    expect(state.asked).toEqual(['dr-r1-rescue-orders-home as dr-r1-rescue-orders-home-2'])
  })

  it('is asked for more and more rarely, and then given up in words', async () => {
    const { world: here, state } = world([original, kept], [], 'KMSKeyNotAccessibleFault')
    const states: (string | undefined)[] = []
    for (let minute = 0; minute < 30; minute++, state.now += MINUTE) {
      const sight = await lookAcross(here, some)
      states.push(sight?.state)
      if (sight?.state === 'ready') {
        const { evidence } = await copyAcross(here)
        expect(evidence.join()).toContain('the copy in us-west-2: ')
      }
    }
    expect(state.asked).toHaveLength(3)
    expect(states.at(-1)).toBe('done')
    expect((await lookAcross(here, some))?.detail).toMatch(
      /^not copied to us-west-2, asked for 3 times: .*KMSKeyNotAccessibleFault/,
    )
  })

  it('of one loss says nothing about the next, nor one run’s tries about another’s', async () => {
    const { world: here, notes, state } = world([original, kept], [across()])
    await lookAcross(here, some)
    notes.set('rescue', 'copied:another')
    state.there = []
    expect(await lookAcross(here, some)).toMatchObject({ state: 'ready' })
    state.refuse = 'Busy'
    await copyAcross(here)
    expect(await lookAcross(here, some)).toMatchObject({ state: 'pending' })
    expect(await lookAcross({ ...here, runId: 'r2' }, some)).toMatchObject({ state: 'ready' })
  })

  it('holds nobody up for longer than they wait', async () => {
    const { world: here, state } = world([original, kept])
    state.blind = true
    expect(await lookAcross(here, some)).toMatchObject({ state: 'unknown' })
    state.now += 61 * MINUTE
    expect(await lookAcross(here, some)).toMatchObject({
      state: 'done',
      detail: expect.stringContaining('not waited for'),
    })
  })

  it('is nobody’s business without keys, or where nothing was kept', async () => {
    const { world: here, notes } = world([original, kept])
    const { rescueKeys: _, ...without } = database
    const keyless = { ...here, plan: { ...orders, database: without } } as SafeWorld
    expect(await lookAcross(keyless, some)).toBeUndefined()
    expect(await copyAcross(keyless)).toEqual({ evidence: [] })
    notes.set('rescue', 'absent')
    expect(await lookAcross(here, some)).toBeUndefined()
  })

  it('does not hold up the copy in the own region, which counts for the deletion', async () => {
    const { world: here, notes } = world([original], [], 'KMSKeyNotAccessibleFault')
    notes.delete('rescue')
    const { evidence } = await copyLostWrites(here)
    expect(evidence[0]).toBe('copied in its own region')
    expect(evidence[1]).toContain('KMSKeyNotAccessibleFault')
  })

  it.each([keepLostWrites, rescueLostWrites])('is part of $id', async (step) => {
    const { world: here } = world([original, kept])
    expect(await step.observe(here)).toMatchObject({
      state: 'ready',
      detail: 'the lost writes are kept in dr-r1-rescue-orders-home; not copied to us-west-2 yet',
    })
  })
})

describe('over the simulated AWS', { timeout: 180_000 }, () => {
  async function afterEmergency() {
    const rig = new HomeRig('orders')
    Object.assign(rig.plan.database, { rescueKeys: keys })
    await rig.after(120)
    await rig.after(30, 'home', 'mute')
    expect((await rig.run('emergency')).outcome).toBe('done')
    rig.forget()
    await rig.simulation.outage(rig.plan.regions.home, undefined)
    return rig
  }
  const thereOf = async (rig: HomeRig) => {
    const look = await rig.until(rig.outside.database.snapshotsAcross('home'))
    return look.ok ? look.value.map(({ id, status }) => `${id} ${status}`) : []
  }

  it('the watch has the lost writes in both regions, though the first copies across are refused', async () => {
    const rig = await afterEmergency()
    rig.simulation.addFault({
      kind: 'denied',
      operation: 'CopyDBClusterSnapshot',
      region: 'us-west-2',
      times: 3,
    })
    expect(await rig.watch('emergency', 'dr', 12 * 3600)).toMatchObject({ outcome: 'done' })
    expect(rig.notes.get('rescue')).toBe('copied:dr-r1-rescue-orders-home')
    expect(await thereOf(rig)).toEqual(['dr-r1-rescue-orders-home available'])
    expect(rig.changes().filter((call) => call.startsWith('Copy'))).toHaveLength(5)
  })

  it('a failback goes on without the copy across, and asks nobody about it', async () => {
    const rig = await afterEmergency()
    rig.simulation.addFault({ kind: 'denied', operation: 'CopyDBClusterSnapshot', region: 'us-west-2' })
    await rig.after(300)
    expect((await rig.goHome({ choice: await rig.choose() })).outcome).toBe('done')
    expect(rig.asked.map(({ step }) => step)).toEqual(['settle-lost-writes', 'reconcile'])
    expect(await thereOf(rig)).toEqual([])
    const told = [...rig.memory.events.values()].filter(
      (event) => event.type === 'step' && event.step === 'rescue-lost-writes' && event.state === 'done',
    )
    expect(told).toMatchObject([{ detail: expect.stringContaining('asked for 3 times') }])
  })
})
