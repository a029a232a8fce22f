import { afterEach, describe, expect, test } from 'vitest'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

const asked = async () => {
  expect(await stage.maya.types('/dr check orders')).toMatch(/Checking orders in both regions/)
  return stage.maya.hears(/Checks of Orders API/)
}

describe('/dr check', () => {
  test('says of a good night what was looked at, and changes nothing', async () => {
    stage = await Stage.open()
    await stage.pass(300_000)
    const told = await asked()
    expect(told).toMatch(/Emergency failover from home to dr: \d+ checks, all well/)
    expect(told).toMatch(/Planned failover from home to dr: \d+ checks, all well/)
    expect(told).toMatch(/Full drill from home to dr: \d+ checks, all well/)
    expect(told).not.toContain('Warnings')
    expect(stage.changes()).toEqual([])
    expect(await stage.journal.runs()).toEqual([])
  })

  test('with home dark, says what nobody could see, and that an emergency can go', async () => {
    stage = await Stage.homeIsDark()
    const told = await asked()
    expect(told).toMatch(/Planned failover(?: from home to dr)?: (?:not now|\d+ of \d+ checks)/)
    expect(told).toMatch(/Warnings\*?\n.*home \(us-east-1\) could not be seen: it is unknown, not fine/)
    expect(stage.changes()).toEqual([])
  })

  test('finds what would stop it before it is needed', async () => {
    stage = await Stage.open()
    await stage.pass(120_000)
    stage.simulation.world.rds.clusters.find(({ id }) => id === 'orders-dr')?.instances.splice(0)
    const told = await asked()
    expect(told).toMatch(/Emergency failover: not now/)
    expect(told).toMatch(/no instance|HEADLESS|headless/)
  })

  test('of all plans, one line each', async () => {
    stage = await Stage.open({ files: { 'broken.yaml': 'version: 1\nname: broken\n' } })
    await stage.pass(300_000)
    await stage.maya.types('/dr check')
    const told = await stage.maya.hears(/its file is broken/)
    expect(told).toMatch(/orders.*: ready/)
    expect(told).toMatch(/billing/)
  })
})
