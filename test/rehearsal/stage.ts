import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { startRehearsal, stateDir, stop } from './start.ts'

/** Where to put pictures of a story; absent: none are taken. `docs/images` is how those of the README are made. */
export const images = process.env.UNDERSTUDY_IMAGES

export type Stage = Awaited<ReturnType<typeof openStage>>

/** A rehearsal at 60×, open in a real browser, and what one does there. `broken`: what went wrong in the page. */
export async function openStage() {
  const { dir, remove } = stateDir()
  const started = await startRehearsal(['--state-dir', dir, '--time-scale', '60', '--seed', '3'])
  const chromium = await launchChromium()
  const page = await chromium.browser.newPage({ viewport: { width: 1520, height: 1000 } })
  page.setDefaultTimeout(20_000)
  const broken: string[] = []
  page.on('pageerror', (error) => broken.push(error.message))
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()))
  await page.goto(started.contract.console)
  const modal = page.locator('.modal')
  const become = (handle: string) => page.click(`[data-person="${handle}"]`)
  /** Fills in the open form and sends it. */
  const send = async (button: string, reason: string, phrase?: string): Promise<void> => {
    await modal.waitFor()
    if (phrase) await modal.locator('input').fill(phrase)
    await modal.locator('textarea').fill(reason)
    await modal.getByRole('button', { name: button }).click()
    await modal.waitFor({ state: 'detached' })
  }
  return {
    dir,
    page,
    newPage: chromium.browser.newPage.bind(chromium.browser),
    broken,
    modal,
    become,
    send,
    said: (text: string) => page.locator('.said', { hasText: text }).last(),
    post: (text: string) => page.locator('.post', { hasText: text }).last(),
    pace: (scale: number) => page.selectOption('.clock select', String(scale)),
    async type(command: string) {
      await page.fill('input[name="command"]', command)
      await page.keyboard.press('Enter')
    },
    async approve(card: Locator, plan: string, reason: string) {
      await become('jonas')
      await card.getByRole('button', { name: 'Review and approve' }).click()
      await send('Approve', reason, plan)
    },
    /** `message` at the top of the channel, if one is given. */
    async picture(name: string, message?: Locator) {
      if (!images) return
      mkdirSync(images, { recursive: true })
      await message?.evaluate((element) => element.scrollIntoView({ block: 'start' }))
      await page.waitForTimeout(400)
      await page.screenshot({ path: join(images, `${name}.png`) })
    },
    async close() {
      await chromium.close()
      await stop(started)
      remove()
    },
  }
}
