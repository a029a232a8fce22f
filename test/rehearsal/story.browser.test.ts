import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backends } from '../../rehearsal/flags.ts'
import { launchChromium } from './chromium.ts'
import { type Started, startRehearsal, stateDir, stop } from './start.ts'

describe.each(backends)('with the %s backend', (backend) => {
  /** Where to put pictures of the story; absent: none are taken. `docs/images` is how those of the README are made. */
  const images = backend === 'local' ? process.env.UNDERSTUDY_IMAGES : undefined
  const { dir, remove } = stateDir()
  let started: Started
  let chromium: Awaited<ReturnType<typeof launchChromium>>
  let page: Page
  const broken: string[] = []

  beforeAll(async () => {
    started = await startRehearsal([
      ...['--state-dir', dir, '--time-scale', '60', '--seed', '3'],
      '--backend',
      backend,
    ])
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
  async function type(command: string): Promise<void> {
    await page.fill('input[name="command"]', command)
    await page.keyboard.press('Enter')
  }
  const said = (text: string) => page.locator('.said', { hasText: text }).last()
  const running = '.slack_blocks_to_jsx__task_card:has(.slack_blocks_to_jsx__task_card_status_in_progress)'
  const success = (app: string) => page.locator(`.customer[data-app="${app}"] .success`)
  /** Scrolls a message to the top of the channel. */
  const top = (message: Locator) => message.evaluate((element) => element.scrollIntoView({ block: 'start' }))
  async function picture(name: string): Promise<void> {
    if (!images) return
    mkdirSync(images, { recursive: true })
    await page.waitForTimeout(400)
    await page.screenshot({ path: join(images, `${name}.png`) })
  }

  test('two people carry an application over: from the typed command to the summary, and customers are served again', async () => {
    await type('/dr status orders')
    await said('Orders API: STEADY').waitFor()
    expect(await success('orders').textContent()).toBe('100')
    await picture('status')

    await page.click('text=Home goes dark')
    await page.locator('.region.dark[data-side="home"]').waitFor()
    await expect.poll(() => success('orders').textContent()).toBe('0')

    await type('/dr failover orders')
    const card = said('needs approval')
    await card.waitFor()
    await picture('card')

    await become('sam')
    await card.getByRole('button', { name: 'Review and approve' }).click()
    await page.locator('.said.whisper', { hasText: 'You may not approve this run' }).waitFor()

    await become('jonas')
    expect(await page.locator('.said.whisper', { hasText: 'You may not' }).count()).toBe(0)
    await card.getByRole('button', { name: 'Review and approve' }).click()
    const modal = page.locator('.modal')
    await modal.waitFor()
    await modal.locator('input').fill('Orders')
    await modal.locator('textarea').fill('us-east-1 has been dark for five minutes; customers are out.')
    await modal.getByRole('button', { name: 'Approve' }).click()
    await modal.locator('.field.wrong', { hasText: 'Type exactly “orders”' }).waitFor()
    await picture('approval')
    // Slower for as long as pictures of the run are taken.
    await page.selectOption('.clock select', images ? '5' : '20')
    await modal.locator('input').fill('orders')
    await modal.getByRole('button', { name: 'Approve' }).click()
    await modal.waitFor({ state: 'detached' })

    const board = page.locator('.post', { hasText: 'Pause after this step' })
    await board.locator('.thread', { hasText: 'Ask for full capacity' }).waitFor()
    await board.locator('.thread', { hasText: 'Ask for full capacity' }).waitFor()
    if (images) await board.locator(running, { hasText: 'Promote the standby' }).waitFor({ timeout: 60_000 })
    await top(board)
    await picture('rehearsal')
    await page.selectOption('.clock select', '60')

    const summary = page.locator('.post', { hasText: 'Run time' }).last()
    await summary.waitFor({ timeout: 60_000 })
    await expect.poll(() => success('orders').textContent(), { timeout: 30_000 }).toBe('100')
    expect(await page.locator('.region[data-side="dr"] .app[data-app="orders"]').textContent()).toContain(
      'writer',
    )
    expect(await page.locator('.calls').textContent()).toContain('FailoverGlobalCluster')
    await top(summary)
    await picture('summary')
    expect(broken).toEqual([])
  }, 180_000)
})
