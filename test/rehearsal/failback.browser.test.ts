import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type Started, startRehearsal, stateDir, stop } from './start.ts'

/** Where to put pictures of the story; absent: none are taken. `docs/images` is how those of the README are made. */
const images = process.env.UNDERSTUDY_IMAGES

const { dir, remove } = stateDir()
let started: Started
let chromium: Awaited<ReturnType<typeof launchChromium>>
let page: Page
const broken: string[] = []

beforeAll(async () => {
  started = await startRehearsal(['--state-dir', dir, '--time-scale', '60', '--seed', '3'])
  chromium = await launchChromium()
  page = await chromium.browser.newPage({ viewport: { width: 1520, height: 1000 } })
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => broken.push(error.message))
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()))
  await page.goto(started.contract.console)
})

afterAll(async () => {
  await chromium?.close()
  if (started) await stop(started)
  remove()
})

const become = (handle: string) => page.click(`[data-person="${handle}"]`)
const pace = (scale: number) => page.selectOption('.clock select', String(scale))
async function type(command: string): Promise<void> {
  await page.fill('input[name="command"]', command)
  await page.keyboard.press('Enter')
}
const said = (text: string) => page.locator('.said', { hasText: text }).last()
const modal = () => page.locator('.modal')
const orders = (side: 'home' | 'dr') => page.locator(`.region[data-side="${side}"] .app[data-app="orders"]`)

/** Fills in the open form and sends it. */
async function send(button: string, phrase?: string): Promise<void> {
  await modal().waitFor()
  if (phrase) await modal().locator('input').fill(phrase)
  await modal().locator('textarea').fill('The region has been well for an hour.')
  await modal().getByRole('button', { name: button }).click()
  await modal().waitFor({ state: 'detached' })
}
async function approve(card: Locator): Promise<void> {
  await become('jonas')
  await card.getByRole('button', { name: 'Review and approve' }).click()
  await send('Approve', 'orders')
}
/** Their record points there: what comes after that is waiting, and looking for a while. */
const customersAreIn = (side: 'home' | 'dr') =>
  page.locator('.customer[data-app="orders"] .dns b', { hasText: side }).waitFor({ timeout: 60_000 })
/** Scrolls a message to the top of the channel. */
const top = (message: Locator) => message.evaluate((element) => element.scrollIntoView({ block: 'start' }))
async function picture(name: string, message?: Locator): Promise<void> {
  if (!images) return
  mkdirSync(images, { recursive: true })
  if (message) await top(message)
  await page.waitForTimeout(400)
  await page.screenshot({ path: join(images, `${name}.png`) })
}

const gaps = () => page.locator('.customer[data-app="orders"] .gap').allTextContents()

/** By a failover, with the watch that follows it: for the pictures, as Slack's pace alone makes that half a minute. */
async function failOver(): Promise<void> {
  await page.click('text=Home goes dark')
  await page.locator('.region.dark[data-side="home"]').waitFor()
  await type('/dr failover orders')
  await said('needs approval').waitFor()
  await approve(said('needs approval'))
  await page.locator('.post', { hasText: 'Run time' }).last().waitFor({ timeout: 60_000 })
  await page.click('text=Home comes back')
  await pace(600)
  await orders('home').locator('.snapshot.ours', { hasText: 'stays' }).waitFor()
  await said('Still watching').waitFor()
  await picture('failback-resync', page.locator('.post', { hasText: 'Aftercare of orders' }).first())
  await pace(3600)
  await page.locator('.post', { hasText: 'Aftercare: done' }).waitFor({ timeout: 40_000 })
}

/** By the menu of states. */
async function putThere(): Promise<void> {
  await page.click('text=More')
  await page.selectOption('select[aria-label="State"]', 'unprotected')
  await page.getByRole('button', { name: 'Put it there' }).click()
  await page.locator('.modal .danger').click()
  await page.click('text=More')
}

test('the old region comes back, people settle what was lost, and customers are taken home again', async () => {
  await (images ? failOver() : putThere())
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
  await picture('failback-card', card)
  await approve(card)
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
  await send('Send')
  const second = board.locator('.said', { hasText: 'somebody else has to confirm it' }).last()
  await second.waitFor()
  await become('priya')
  await second.getByRole('button', { name: 'Confirm' }).click()
  await modal().getByRole('button', { name: 'Confirm' }).click()

  await customersAreIn('home')
  await pace(600)
  const gate = board.locator('.said', { hasText: 'deployments unfrozen' }).last()
  await gate.waitFor({ timeout: 60_000 })
  await page.click('[aria-label="Attach a file"]')
  await page.selectOption('select[name="plan-file"]', 'orders nasty')
  await modal().getByRole('button', { name: 'Attach' }).click()
  const verdict = board.locator('.said', { hasText: 'Do not apply this plan' })
  await verdict.waitFor()
  await expect.poll(() => verdict.textContent()).toContain('aws_rds_global_cluster.this')
  await picture('failback-scan', verdict)
  await gate.getByRole('button', { name: 'Applied, and deployments unfrozen' }).click()
  if (await modal().count())
    await modal()
      .getByRole('button', { name: /Applied/ })
      .click()

  const summary = page.locator('.post', { hasText: '(home): done' }).last()
  await summary.waitFor({ timeout: 40_000 })
  expect(await orders('home').textContent()).toContain('writer')
  expect(await orders('dr').textContent()).toMatch(/readerlag 0\.\d s/)
  expect(await page.locator('.customer[data-app="orders"] .success').textContent()).toBe('100')
  expect(await gaps()).toEqual([expect.stringMatching(/writes lost, still in 3 places$/)])
  await picture('failback-summary', summary)
  expect(broken).toEqual([])
}, 240_000)
