import { afterAll, beforeAll, expect, test } from 'vitest'
import { images, openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const reason = 'The region has been well for an hour.'
const orders = (side: 'home' | 'dr') =>
  stage.page.locator(`.region[data-side="${side}"] .app[data-app="orders"]`)
const customer = () => stage.page.locator('.customer[data-app="orders"]')
const gaps = () => customer().locator('.gap').allTextContents()
/** Their record points there: what comes after that is waiting, and looking for a while. */
const customersAreIn = (side: 'home' | 'dr') =>
  customer().locator('.dns b', { hasText: side }).waitFor({ timeout: 60_000 })

/** By a failover, with the watch that follows it: for the pictures, as Slack's pace alone makes that half a minute. */
async function failOver({ page, said, post, type, approve, pace, picture }: Stage): Promise<void> {
  await page.click('text=Home goes dark')
  await page.locator('.region.dark[data-side="home"]').waitFor()
  await type('/dr failover orders')
  await said('needs approval').waitFor()
  await approve(said('needs approval'), 'orders', reason)
  await post('Run time').waitFor({ timeout: 60_000 })
  await page.click('text=Home comes back')
  await pace(600)
  await orders('home').locator('.snapshot.ours', { hasText: 'stays' }).waitFor()
  await said('Still watching').waitFor()
  await picture('failback-resync', page.locator('.post', { hasText: 'Aftercare of orders' }).first())
  await pace(3600)
  await post('Aftercare of orders: done').waitFor({ timeout: 40_000 })
}

/** By the menu of states. */
async function putThere({ page, modal }: Stage): Promise<void> {
  await page.click('text=More')
  await page.selectOption('select[aria-label="State"]', 'unprotected')
  await page.getByRole('button', { name: 'Put it there' }).click()
  await modal.locator('.danger').click()
  await page.click('text=More')
}

test('the old region comes back, people settle what was lost, and customers are taken home again', async () => {
  const { page, broken, modal, said, post, become, type, approve, send, pace, picture } = stage
  await (images ? failOver : putThere)(stage)
  await orders('home').locator('.snapshot.rescue', { hasText: 'rds:unplanned-global-failover' }).waitFor()
  if (!images) {
    await orders('home').locator('.activity', { hasText: 'resynchronising' }).waitFor()
    expect(await gaps()).toEqual([
      expect.stringMatching(/^no standby for 2h/),
      expect.stringMatching(/^0.7 s of writes lost, still in \d places?$/),
    ])
    await pace(3600)
  }
  await orders('home').locator('.lag').waitFor()
  expect(await gaps()).toEqual([expect.stringContaining('writes lost')])

  await pace(60)
  await become('maya')
  await type('/dr failback orders')
  const card = said('Failback of Orders API').filter({ hasText: 'needs approval' })
  await card.waitFor()
  await approve(card, 'orders', reason)
  await pace(600)
  const board = page.locator('.post', { hasText: 'Failback of Orders API' }).filter({ hasText: 'steps' })
  const question = board.locator('.said', { hasText: 'What became of the writes that were lost?' }).last()
  await question.getByRole('button', { name: 'Give them up' }).waitFor({ timeout: 40_000 })
  await pace(60)
  await picture('failback-question', question)

  await become('maya')
  await question.getByRole('button', { name: 'Give them up' }).click()
  await page.locator('.said.whisper').last().waitFor()
  await become('jonas')
  await question.getByRole('button', { name: 'Give them up' }).click()
  await send('Send', reason)
  const second = board.locator('.said', { hasText: 'somebody else has to confirm it' }).last()
  await second.waitFor()
  await become('priya')
  await second.getByRole('button', { name: 'Confirm' }).click()
  await modal.getByRole('button', { name: 'Confirm' }).click()

  await customersAreIn('home')
  await pace(600)
  const gate = board.locator('.said', { hasText: 'deployments unfrozen' }).last()
  await gate.waitFor({ timeout: 60_000 })
  await page.click('[aria-label="Attach a file"]')
  await page.selectOption('select[name="plan-file"]', 'orders nasty')
  await modal.getByRole('button', { name: 'Attach' }).click()
  const verdict = board.locator('.said', { hasText: 'Do not apply this plan' })
  await verdict.waitFor()
  await expect.poll(() => verdict.textContent()).toContain('aws_rds_global_cluster.this')
  await picture('failback-scan', verdict)
  await gate.getByRole('button', { name: 'Applied, and deployments unfrozen' }).click()

  const summary = post('(home): done')
  await summary.waitFor({ timeout: 40_000 })
  expect(await orders('home').textContent()).toContain('writer')
  expect(await orders('dr').textContent()).toMatch(/readerlag 0\.\d s/)
  expect(await customer().locator('.success').textContent()).toBe('100')
  expect(await gaps()).toEqual([expect.stringMatching(/writes lost, still in 3 places$/)])
  expect(broken).toEqual([])
}, 240_000)
