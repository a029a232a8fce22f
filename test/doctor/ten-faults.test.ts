import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/doctor/finding.ts'
import { exitOf } from '../../src/doctor/told.ts'
import { allActions } from './actions.ts'
import { ROLE } from './bot-stack.ts'
import { lonely, more, type Plant, ten } from './plants.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  // The first look of a process pays for everything that is loaded.
  await stage.findings()
})
afterAll(() => stage.close())
beforeEach(() => stage.heal())

/** What is shown when a finding is missing or was invented. */
const inShort = (findings: readonly Finding[]) =>
  findings.map(({ level, check, about, says }) => `${level} ${check}: ${about}: ${says}`)

const isOf =
  ({ found, says }: Plant) =>
  (finding: Finding) =>
    Object.entries(found).every(([key, value]) => finding[key as keyof Finding] === value) &&
    says.test(finding.says)

test('nothing is found where nothing is wrong', async () => {
  const findings = await stage.findings()
  expect(inShort(findings.filter(({ level }) => level !== 'ok'))).toEqual([])
  expect(findings.length).toBeGreaterThan(100)
  expect(exitOf(findings)).toBe(0)
})

test.each([
  ['ten faults', ten],
  [`${more.length} others`, more],
])('%s at once: all are found, each with its remedy, and none is invented', async (_what, plants) => {
  for (const { spoil } of plants) spoil(stage)
  const wrong = await stage.wrong()
  for (const plant of plants)
    expect({ [plant.what]: inShort(wrong.filter(isOf(plant))) }).toEqual({
      [plant.what]: [expect.anything()],
    })
  expect(inShort(wrong)).toHaveLength(plants.length)
  for (const finding of wrong) expect('remedy' in finding && finding.remedy.length).toBeGreaterThan(15)
  expect(exitOf(wrong)).toBe(1)
})

test('the first list is one of ten', () => expect(ten).toHaveLength(10))

describe('alone it is found, and nothing else:', () => {
  test.each([...lonely])('$what', async (plant) => {
    plant.spoil(stage)
    const wrong = await stage.wrong()
    expect(inShort(wrong)).toHaveLength(1)
    expect(inShort(wrong.filter(isOf(plant)))).toEqual(inShort(wrong))
  })
})

test('a clock that is wrong is told by everybody who refuses it', async () => {
  stage.set(() => ({ people: { now: () => Date.now() + 6 * 60_000 } }))
  const wrong = await stage.wrong()
  expect(wrong.map(({ check, about, level }) => [check, about, level])).toEqual([
    ['clock', 'AWS', 'fault'],
    ['clock', 'Slack', 'fault'],
  ])
})

test('where a plan names no role, the policies of the function that acts are asked about', async () => {
  stage.plan('billing', ({ accounts }) => ({
    accounts: { ...accounts, workload: { id: accounts.workload.id } },
  }))
  const unseen = await stage.wrong()
  expect(unseen.length).toBeGreaterThan(0)
  for (const finding of unseen) expect(finding).toMatchObject({ level: 'unknown', about: ROLE })

  const { roles } = stage.aws.world.sts
  const allow = allActions({ but: 'ecs:UpdateService' })
  roles.push({ arn: ROLE, allow, deny: roles.find(({ deny }) => deny)?.deny ?? [] })
  const [only, ...more] = await stage.wrong()
  expect(more).toEqual([])
  expect(only).toMatchObject({ check: 'permission', level: 'fault', about: ROLE })
  expect(only?.says).toMatch(/ecs:UpdateService is not allowed on .*billing-api/)
})

test('a dark region is one unknown, said in good time, and nothing of it is taken for fine', async () => {
  await stage.aws.outage('us-east-1', 'mute')
  const began = performance.now()
  const findings = await stage.findings()
  expect(performance.now() - began).toBeLessThan(5_000)
  const wrong = findings.filter(({ level }) => level !== 'ok')
  expect(wrong).toMatchObject([{ check: 'region', level: 'unknown', about: 'us-east-1' }])
  expect(wrong[0]?.says).toMatch(/gives no answer: \d+ looks could not be made/)
  expect(findings.filter(({ about }) => about === 'orders in us-east-1')).toEqual([])
  expect(exitOf(findings)).toBe(4)
  await stage.aws.outage('us-east-1', undefined)
})
