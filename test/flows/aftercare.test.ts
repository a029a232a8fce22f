import { describe, expect, it } from 'vitest'
import { CONFIRM } from '../../src/engine/run.ts'
import { lookAtRescue } from '../../src/flows/rescue.ts'
import { RESCUE_PREFIX } from '../../src/flows/world.ts'
import { HomeRig } from './failback-rig.ts'

/** Home is lost, customers are moved to dr, and nobody has looked after what is left. */
async function afterEmergency(fault?: 'no-rejoin' | 'no-rescue') {
  const rig = new HomeRig('orders')
  await rig.after(120)
  await rig.after(30, 'home', 'mute')
  if (fault) rig.simulation.addFault({ kind: fault })
  expect((await rig.run('emergency')).outcome).toBe('done')
  rig.forget()
  return rig
}
const back = (rig: HomeRig) => rig.simulation.outage(rig.plan.regions.home, undefined)
const HOUR = 3600

const snapshots = async (rig: HomeRig) => {
  const look = await rig.until(rig.outside.database.snapshots('home'))
  return look.ok ? look.value : []
}

describe('the aftercare of an emergency failover', { timeout: 120_000 }, () => {
  it('waits for a dark region, then saves the lost writes, and ends when there is a standby again', async () => {
    const rig = await afterEmergency()
    expect(await rig.watch('emergency', 'dr', 2 * HOUR)).toBeUndefined()
    expect(rig.memory.ends).not.toMatchObject({ 'keep-lost-writes': 'done' })
    expect(rig.notes.get('no-standby-since')).toBeDefined()
    expect(rig.changes()).toEqual([])

    rig.memory.events.clear()
    await back(rig)
    expect(await rig.watch('emergency', 'dr', 12 * HOUR)).toMatchObject({ outcome: 'done' })
    const all = await snapshots(rig)
    const original = all.find(({ id }) => id.startsWith(RESCUE_PREFIX))
    const copy = all.find(({ sourceArn }) => sourceArn === original?.arn)
    expect(copy).toMatchObject({ type: 'manual', status: 'available' })
    expect(rig.notes.get('rescue')).toBe(`copied:${copy?.id}`)
    expect(await rig.state()).toBe('FAILED_OVER_PROTECTED')

    // Another night: what was copied of this one is none of its lost writes.
    rig.notes.clear()
    rig.notes.set('lost-at', String(rig.clock.now()))
    expect(await rig.until(lookAtRescue(rig.world('emergency', 'dr')))).toMatchObject({
      state: 'pending',
      detail: expect.stringContaining('no snapshot of lost writes yet'),
    })
  })

  it('stops the writers of a region that comes back without its cluster following', async () => {
    const rig = await afterEmergency('no-rejoin')
    await back(rig)
    expect(await rig.watch('emergency', 'dr', 4 * HOUR)).toBeUndefined()
    expect(rig.memory.ends['hold-fence']).toBe('done')
    const services = await rig.until(rig.outside.services.look('home'))
    const writers = services.ok ? services.value.filter(({ name }) => name === 'orders-api') : []
    expect(writers).toMatchObject([{ desired: 0, running: 0 }])
    expect(rig.notes.get('rescue')).toBe('absent')
    expect(rig.memory.ends['watch-resync']).not.toBe('done')
  })

  it.each([
    ['home holds the writer, because the failover never moved it', 'protected', 'home', 'home'],
    ['both clusters write, and customers are still sent to home', 'detached', 'dr', 'home'],
    ['nobody can say who holds the writer', 'unknown', 'home', 'home'],
  ] as const)('stops nothing while %s', async (_why, state, active, dns) => {
    const rig = new HomeRig('orders')
    rig.simulation.enter('orders', state, active, dns)
    await rig.after(60)
    rig.forget()
    await rig.watch('emergency', 'dr', 600)
    expect(rig.changes().filter((call) => /UpdateService|RegisterScalableTarget/.test(call))).toEqual([])
    const services = await rig.until(rig.outside.services.look('home'))
    expect(services.ok && services.value.every(({ running }) => running > 0)).toBe(true)
  })

  it('says that AWS never took a snapshot only after the cluster follows again', async () => {
    const rig = await afterEmergency('no-rescue')
    await back(rig)
    expect(await rig.watch('emergency', 'dr', 24 * HOUR)).toMatchObject({ outcome: 'done' })
    expect(rig.notes.get('rescue')).toBe('absent')
    expect(rig.changes().filter((call) => call.startsWith('Copy'))).toEqual([])
  })

  it('copies again what could not be copied, for as long as it takes', async () => {
    const rig = await afterEmergency()
    await back(rig)
    rig.simulation.addFault({ kind: 'denied', operation: 'CopyDBClusterSnapshot', times: 6 })
    expect(await rig.watch('emergency', 'dr', 24 * HOUR)).toMatchObject({ outcome: 'done' })
    expect(rig.notes.get('rescue')).toMatch(/^copied:dr-r1-rescue-orders-home/)
  })

  it('tells little in a night', async () => {
    const rig = await afterEmergency()
    await rig.watch('emergency', 'dr', 8 * HOUR)
    expect(rig.memory.events.size).toBeLessThan(8 * 4 + 8 * 3)
  })
})

describe('the aftercare of a switchover', () => {
  it('has nothing to do', { timeout: 60_000 }, async () => {
    const rig = new HomeRig('orders')
    await rig.after(120)
    await rig.run('planned')
    rig.forget()
    expect(await rig.watch('planned', 'dr', HOUR)).toMatchObject({ outcome: 'done' })
    expect(rig.changes()).toEqual([])
    expect(rig.memory.ends).toMatchObject({ 'keep-lost-writes': 'already', 'hold-fence': 'already' })
  })
})

describe('the way home after an emergency', { timeout: 180_000 }, () => {
  it('keeps the lost writes, has them settled, and goes home without losing any more', async () => {
    const rig = await afterEmergency()
    await back(rig)
    await rig.after(300)
    const end = await rig.goHome({ choice: await rig.choose() })
    expect(end.outcome).toBe('done')
    expect(await rig.state()).toBe('STEADY')
    expect(rig.notes.get('rescue')).toMatch(/^copied:dr-r1-rescue-orders-home/)
    expect(rig.asked.map(({ step }) => step)).toEqual(['settle-lost-writes', 'reconcile'])
    expect(rig.asked[0]?.detail).toContain('dr-r1-rescue-orders-home (manual')
    expect((await snapshots(rig)).some(({ id }) => id.startsWith('dr-r1-rescue-'))).toBe(true)
  })

  it('does not ask about lost writes when the journal knows of a switchover only', async () => {
    const rig = new HomeRig('orders')
    await rig.after(120)
    await rig.run('planned')
    rig.forget()
    rig.notes.set('last-move', 'planned')
    expect((await rig.goHome()).outcome).toBe('done')
    expect(rig.notes.get('lost-writes')).toBe('none')
    expect(rig.asked.map(({ step }) => step)).toEqual(['reconcile'])
  })

  it('lets two people give the lost writes up, and keeps who they were', async () => {
    const rig = await afterEmergency('no-rescue')
    await back(rig)
    await rig.after(300)
    const end = await rig.goHome({
      answer: ({ step, options }) => {
        if (step !== 'settle-lost-writes') return undefined
        if (options.some(({ id }) => id === CONFIRM)) return { option: CONFIRM, by: 'U3' }
        return { option: 'waive', by: 'U2', reason: 'carts only' }
      },
    })
    expect(end.outcome).toBe('done')
    expect(rig.asked[0]?.options[1]).toMatchObject({
      twoPeople: true,
      needsReason: true,
      approversOnly: true,
    })
    expect(rig.notes.get('lost-writes')).toBe('given up: <@U2> and <@U3>: carts only')
  })
})
