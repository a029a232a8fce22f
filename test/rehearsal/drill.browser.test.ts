import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

test('a drill goes out and home again, and its report says what customers met and that nothing was lost', async () => {
  const { page, broken, said, type, approve, pace, picture } = stage
  await type('/dr drill orders')
  const card = said('Full drill').filter({ hasText: 'needs approval' })
  await card.waitFor()
  await approve(card, 'orders', 'The drill of this quarter.')
  const board = page.locator('.post', { hasText: 'steps' }).filter({ hasText: 'drill' })
  const decision = board.locator('.said').filter({ has: page.getByRole('button', { name: 'Go home' }) })
  await decision.waitFor({ timeout: 60_000 })
  expect(await page.locator('.customer[data-app="orders"] .dns').textContent()).toContain('dr')
  await decision.getByRole('button', { name: 'Go home' }).click()

  const report = board.locator('.said', { hasText: 'Figures' })
  await report.waitFor({ timeout: 90_000 })
  await pace(1)
  const told = (await report.textContent()) ?? ''
  // Resolvers that still send some customers to the old side can break an outage into parts.
  const outage = String.raw`\d+m \d\ds( in \d parts)?`
  expect(told).toMatch(new RegExp(`an outage of ${outage} on the way out, and of ${outage} on the way home`))
  expect(told).toContain('RPO: 0.0 s (measured) out, 0.0 s (measured) home')
  expect(told).toMatch(/Started: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
  expect(await page.locator('.customer[data-app="orders"] .dns').textContent()).toContain('home')
  await picture('drill-report', report)
  expect(broken).toEqual([])
}, 240_000)
