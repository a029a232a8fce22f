import { describe, expect, it } from 'vitest'
import { objectionsTo } from '../../src/flows/deletion.ts'
import { copyLostWrites, lookAtRescue } from '../../src/flows/rescue.ts'
import { caughtUp, forecast } from '../../src/flows/resync.ts'
import { copiesOf, snapshotName } from '../../src/flows/snapshots.ts'
import type { Standing } from '../../src/flows/standing.ts'
import { awaitResync } from '../../src/flows/steps/await-resync.ts'
import { RESCUE_PREFIX, type SafeWorld, type SnapshotFacts } from '../../src/flows/world.ts'
import { AT, cluster, dark, global, lag, member, orders, record, seen, standalone, well } from './facts.ts'

const MINUTE = 60_000
const snapshot = (id: string, change: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  id,
  arn: `arn:aws:rds:us-east-1:111122223333:cluster-snapshot:${id}`,
  cluster: 'orders-home',
  type: 'manual',
  status: 'available',
  percent: 100,
  createdAt: AT - 30 * MINUTE,
  engineVersion: '16.6',
  encrypted: true,
  ...change,
})
const original = snapshot(`${RESCUE_PREFIX}orders-home-1`, { type: 'automated' })
const copy = (id: string, of: SnapshotFacts, change: Partial<SnapshotFacts> = {}) =>
  snapshot(id, { sourceArn: of.arn, createdAt: AT, ...change })

type Looks = Partial<SafeWorld['database']>

/** dr serves and home's cluster stands by itself; what differs is given. */
function world(looks: Looks = {}, change: Partial<SafeWorld> = {}) {
  const notes = new Map<string, string>()
  const copied: string[] = []
  const database = {
    global: async () => seen(global('dr', { members: [member('dr', true)] })),
    cluster: async (side: 'home' | 'dr') => seen(side === 'dr' ? cluster('dr') : standalone('home')),
    lag: async () => seen(lag(1)),
    snapshots: async (side: 'home' | 'dr') =>
      seen(side === 'dr' ? [snapshot('rds:orders-dr', { cluster: 'orders-dr' })] : [snapshot('stale')]),
    connections: async () => seen(0),
    async copySnapshot(_: string, source: string, name: string) {
      copied.push(`${source} as ${name}`)
      return { evidence: [name] }
    },
    ...looks,
  }
  const facts = well('dr')
  const made = {
    plan: orders,
    runId: 'R1',
    mode: 'planned',
    from: 'dr',
    to: 'home',
    database,
    dns: { records: async () => facts.records },
    probe: { stack: async () => facts.stack.dr },
    notes: {
      get: async (name: string) => notes.get(name),
      async set(name: string, value: string) {
        notes.set(name, value)
      },
    },
    now: () => AT,
    ...change,
  } as unknown as SafeWorld
  return { world: made, notes, copied }
}

const snapshots = (...home: SnapshotFacts[]): Looks => ({ snapshots: async () => seen(home) })

describe('the lost writes', () => {
  it('are kept when every snapshot AWS took has a usable copy, whoever made it', async () => {
    const rig = world(snapshots(original, copy('somebodys-copy', original)))
    expect((await lookAtRescue(rig.world)).state).toBe('done')
    expect(rig.notes.get('rescue')).toBe('copied:somebodys-copy')
  })

  it('are not kept by a copy of an earlier night', async () => {
    const earlier = snapshot(`${RESCUE_PREFIX}orders-home-0`, { createdAt: AT - 60 * MINUTE })
    const rig = world(snapshots(original, earlier, copy('dr-r0-rescue-orders-home', earlier)))
    expect((await lookAtRescue(rig.world)).state).toBe('ready')
    await copyLostWrites(rig.world)
    expect(rig.copied).toEqual([`${original.id} as dr-r1-rescue-orders-home`])
  })

  it('are not kept by a copy that has failed: a new one gets a name of its own', async () => {
    const failed = copy('dr-r1-rescue-orders-home', original, { status: 'failed' })
    const rig = world(snapshots(original, failed))
    expect((await lookAtRescue(rig.world)).state).toBe('failed')
    await copyLostWrites(rig.world)
    expect(rig.copied).toEqual([`${original.id} as dr-r1-rescue-orders-home-2`])
  })

  it('wait for a copy under way, and for a region that gives no answer', async () => {
    const copying = copy('dr-r1-rescue-orders-home', original, { status: 'copying', percent: 40 })
    expect(await lookAtRescue(world(snapshots(original, copying)).world)).toMatchObject({
      state: 'pending',
      detail: expect.stringContaining('40 %'),
    })
    const blind = world({ snapshots: async () => dark('us-east-1') })
    expect((await lookAtRescue(blind.world)).state).toBe('unknown')
    expect(blind.notes.get('rescue')).toBeUndefined()
  })

  it('are not called absent before the region has answered for two hours', async () => {
    let now = AT
    const rig = world(snapshots(), { now: () => now })
    for (let looked = 0; looked < 120; looked += 15) {
      expect((await lookAtRescue(rig.world)).state).toBe('pending')
      now += 15 * MINUTE
    }
    expect((await lookAtRescue(rig.world)).state).toBe('done')
    expect(rig.notes.get('rescue')).toBe('absent')
  })

  it.each(['was away', 'was not looked at'])('are waited for anew where the region %s', async (what) => {
    let now = AT
    let look: () => Promise<unknown> = async () => seen([])
    const rig = world({ snapshots: (() => look()) as NonNullable<Looks['snapshots']> }, { now: () => now })
    for (let looked = 0; looked < 110; looked += 10) {
      await lookAtRescue(rig.world)
      now += 10 * MINUTE
    }
    if (what === 'was away') look = async () => dark('us-east-1')
    else now += 30 * MINUTE
    await lookAtRescue(rig.world)
    look = async () => seen([])
    now += 15 * MINUTE
    expect((await lookAtRescue(rig.world)).state).toBe('pending')
    expect(rig.notes.get('rescue')).toBeUndefined()
  })

  it('are called gone where AWS took a snapshot that vanished uncopied', async () => {
    let all = [original]
    const rig = world({ snapshots: async () => seen(all) })
    expect((await lookAtRescue(rig.world)).state).toBe('ready')
    all = []
    expect(await lookAtRescue(rig.world)).toMatchObject({
      state: 'done',
      detail: expect.stringContaining(`vanished, and nobody had copied it (${original.id})`),
    })
    expect(rig.notes.get('rescue')).toBe(`gone:${original.id}`)
  })

  it('are looked for again once AWS has taken one after all, unless people have given them up', async () => {
    const rig = world(snapshots(original))
    rig.notes.set('rescue', 'absent')
    expect((await lookAtRescue(rig.world)).state).toBe('ready')
    rig.notes.set('rescue', 'waived: <@U1> and <@U2>: we know them')
    expect((await lookAtRescue(rig.world)).state).toBe('done')
  })

  it('count as copied when what was copied has expired meanwhile', async () => {
    const rig = world({
      ...snapshots(snapshot('dr-r0-rescue-orders-home')),
      global: async () => seen(global('home', { members: [member('home', true)] })),
    })
    expect((await lookAtRescue(rig.world)).state).toBe('done')
    expect(rig.notes.get('rescue')).toBe('copied:dr-r0-rescue-orders-home')
  })
})

describe('a copy that does not say what of', () => {
  const nameless = snapshot('dr-r0-rescue-orders-home', { createdAt: AT })
  it('counts by its name and age where there is one snapshot only', () => {
    expect(copiesOf(original, [original, nameless])).toEqual([nameless])
    expect(copiesOf(original, [original, { ...nameless, createdAt: AT - 60 * MINUTE }])).toEqual([])
    expect(copiesOf(original, [original, nameless, snapshot(`${RESCUE_PREFIX}x`)])).toEqual([])
  })
})

describe('a deletion is objected to', () => {
  const standing: Standing = {
    seen: true,
    is: 'stale',
    active: cluster('dr'),
    old: standalone('home'),
    global: global('dr', { members: [member('dr', true)] }),
  }
  const ready = (looks: Looks = {}, change: Partial<SafeWorld> = {}) => {
    const rig = world(looks, change)
    for (const [name, value] of [
      ['rescue', 'absent'],
      ['lost-writes', 'none'],
      ['stale-snapshot', 'stale'],
    ])
      rig.notes.set(name as string, value as string)
    return rig
  }
  const why = async (rig: { world: SafeWorld }, change: Partial<Standing> = {}) =>
    (await objectionsTo(rig.world, { ...standing, ...change })).map(
      (objection) => `${objection.kind}: ${objection.why}`,
    )

  it('by nobody where all is saved, idle and well', async () => {
    expect(await why(ready())).toEqual([])
  })

  it.each<[string, Parameters<typeof ready>, Partial<Standing>, string]>([
    ['it follows the pair', [], { is: 'follower' }, 'no: orders-home is a member of the pair'],
    ['it is the writer', [], { is: 'writer' }, 'no: orders-home is the writer'],
    [
      'it is in another region',
      [],
      { old: { ...standalone('home'), arn: standalone('dr').arn } },
      'no: arn:',
    ],
    ['dr does not write', [], { active: cluster('dr', { status: 'failing-over' }) }, 'no: the dr cluster'],
    ['it is used', [{ connections: async () => seen(3) }], {}, 'use: up to 3 connections'],
    [
      'its use is not known',
      [{ connections: async () => seen('none' as const) }],
      {},
      'unknown: there is no',
    ],
    ['customers are elsewhere', [{}, recordsAt('home')], {}, 'no: the records do not all point at dr'],
    ['the records are not seen', [{}, recordsAt('dark')], {}, 'unknown: the records'],
    [
      'its snapshot is gone',
      [{ snapshots: async () => seen([snapshot('x')]) }],
      {},
      'no: its snapshot stale',
    ],
    ['it is the dr cluster', [{}, { from: 'home', to: 'dr' }], {}, 'no: the dr cluster is never deleted'],
  ])('where %s', async (_, given, change, expected) => {
    expect(await why(ready(...given), change)).toContainEqual(expect.stringContaining(expected))
  })

  it('where nobody has looked for lost writes, settled them, or kept the stale cluster', async () => {
    const said = await why(world())
    expect(said).toEqual(
      expect.arrayContaining([
        'no: nobody has looked for the snapshot of the lost writes',
        'no: nobody has said what became of the lost writes',
        'no: this run has no snapshot of it',
      ]),
    )
  })

  it('where dr has no backup of its own', async () => {
    const old = snapshot('rds:orders-dr', { createdAt: AT - 48 * 60 * MINUTE })
    const rig = ready({ snapshots: async (side) => seen(side === 'dr' ? [old] : [snapshot('stale')]) })
    expect(await why(rig)).toEqual(['no: dr has no fresh snapshot of its own'])
  })
})

function recordsAt(owner: 'home' | 'dark'): Partial<SafeWorld> {
  const look = owner === 'dark' ? dark('Route 53') : seen([record(owner)])
  return { dns: { records: async () => look } as unknown as SafeWorld['dns'] }
}

describe('catching up', () => {
  const samples = (...seconds: number[]) =>
    seconds.map((value, index) => ({ readAt: AT + index * MINUTE, seconds: value }))

  it('takes three readings in a row under the limit', () => {
    expect(caughtUp(samples(1, 1), 30)).toBe(false)
    expect(caughtUp(samples(90, 1, 1, 1), 30)).toBe(true)
    expect(caughtUp(samples(1, 1, 90, 1), 30)).toBe(false)
  })

  it('is forecast by a straight line, and not at all where the lag does not fall', () => {
    expect(forecast(samples(600, 540, 480))).toBe('about 8m 00s to go, if it goes on falling like this')
    expect(forecast(samples(100, 100))).toBe('no forecast: it is not falling')
    expect(forecast(samples(100))).toBe('no forecast yet')
  })

  it('does not count a reading that is old, nor one reading many times', async () => {
    let now = AT
    const following = {
      cluster: async (side: 'home' | 'dr') => seen(cluster(side)),
      global: async () => seen(global('dr')),
    }
    const same = world({ ...following, lag: async () => seen(lag(1)) }, { now: () => now })
    for (let look = 0; look < 5; look++) expect((await awaitResync.observe(same.world)).state).toBe('pending')
    const fresh = world(
      { ...following, lag: async () => ({ ...seen({ seconds: 1, readAt: now }), at: now }) },
      { now: () => now },
    )
    const states: string[] = []
    for (let look = 0; look < 3; look++, now += MINUTE)
      states.push((await awaitResync.observe(fresh.world)).state)
    expect(states).toEqual(['pending', 'pending', 'done'])
  })
})

describe('names of snapshots', () => {
  const long = { ...orders, database: { ...orders.database, clusters: { home: 'a'.repeat(63), dr: 'b' } } }
  it('keep to the rules of AWS', () => {
    expect(snapshotName('R1', 'stale', orders, 'home')).toBe('dr-r1-stale-orders-home')
    expect(snapshotName('r_1--x', 'final', orders, 'dr')).toBe('dr-r-1-x-final-orders-dr')
    for (const suffix of ['', '2']) {
      const name = snapshotName('fb-20261121', 'rescue', long, 'home', suffix)
      expect(name).toMatch(/^dr-fb-20261121-rescue-a+(-2)?$/)
      expect(name.length).toBeLessThanOrEqual(63)
    }
  })
})
