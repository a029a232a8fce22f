import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { images, openStage, type Stage } from './stage.ts'

const ROOT = join(import.meta.dirname, '../..')

/**
 * The README's five steps, played with the commands it shows: what AWS says is simulated, what is packaged is what would
 * be deployed, and nothing is drawn that was not printed. Only for pictures: each command has tests of its own.
 */
describe.runIf(images)('from nothing to /dr status', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  const told = (words: string, args: readonly string[]) => {
    const { stdout, status } = spawnSync('npm', ['run', '--silent', ...args], { cwd: ROOT, encoding: 'utf8' })
    expect(status, words).toBe(0)
    return { typed: words, printed: stdout.trimEnd() }
  }

  test('a plan is drafted', async () => {
    const plan = join(stage.dir, 'draft/orders.yaml')
    const words = 'understudy init orders --global-cluster orders-global --home us-east-1'
    const own = ['understudy', '--', ...words.split(' ').slice(1), '--rehearsal', stage.dir, '--out', plan]
    const { printed } = told(words, own)
    const draft = readFileSync(plan, 'utf8').split('\n')
    const from = draft.findIndex((line) => line.startsWith('accounts:'))
    const shown = [...draft.slice(0, 2), '…', ...draft.slice(from, from + 24), '…'].join('\n')
    await picture('step-1-plan', 'the simulated AWS of a rehearsal', [
      { typed: words, printed: printed.replaceAll(plan, 'plans/orders.yaml') },
      { typed: 'less plans/orders.yaml', printed: shown },
    ])
  })

  test('a Slack app is described', async () => {
    const words = 'understudy manifest'
    await picture('step-2-slack-app', 'made from code; nothing is called', [
      told(words, ['understudy', '--', 'manifest']),
    ])
  })

  test('the secrets have a place', async () => {
    const lines = readFileSync(join(ROOT, 'deploy/stages.yml'), 'utf8').split('\n')
    const from = lines.findIndex((line) => line.startsWith('stages:'))
    const to = lines.findIndex((line) => line.includes('secrets: '))
    const put = (name: string) =>
      `aws ssm put-parameter --region us-west-2 --type SecureString --name /understudy/prod/${name} --value file:///dev/stdin`
    await picture('step-3-secrets', 'commands to type; not run for this picture', [
      { typed: put('signing-secret'), printed: '' },
      { typed: put('bot-token'), printed: '' },
      { typed: 'less deploy/stages.yml', printed: ['…', ...lines.slice(from, to + 1), '…'].join('\n') },
    ])
  })

  test('everything that is deployed is packaged', async () => {
    await picture('step-4-package', 'packaged here; nothing was deployed', [
      told('npm run package', ['package']),
    ])
  })

  test('and /dr status is answered', async () => {
    await stage.type('/dr status orders')
    const status = stage.said('Orders API: STEADY')
    await status.waitFor()
    mkdirSync(String(images), { recursive: true })
    await stage.page.waitForTimeout(400)
    await status.screenshot({ path: join(String(images), 'step-5-status.png') })
  })

  type Line = { readonly typed: string; readonly printed: string }

  /** A picture of a terminal; `where` says what it was talking to. */
  async function picture(name: string, where: string, lines: readonly Line[]): Promise<void> {
    const page = await stage.newPage({ viewport: { width: 1120, height: 400 } })
    await page.setContent(terminalPage(where, lines))
    mkdirSync(String(images), { recursive: true })
    await page.locator('main').screenshot({ path: join(String(images), `${name}.png`) })
    await page.close()
  }
})

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Too high for a picture in a page of text. */
const isLong = (text = '') => text.split('\n').length > 40

const terminalPage = (
  where: string,
  lines: readonly { readonly typed: string; readonly printed: string }[],
) => `
<style>
  body { margin: 0; background: #fff }
  main { background: #16202c; color: #d7dee6; border-radius: 8px; overflow: hidden }
  header { background: #233142; color: #9fb0c1; font: 14px sans-serif; padding: 8px 16px }
  pre { font: 13px/1.45 'DejaVu Sans Mono', monospace; margin: 0; padding: 12px 16px; white-space: pre-wrap; overflow-wrap: anywhere }
  pre.long { columns: 2 }
  b { color: #8fd19e; font-weight: normal }
</style>
<main><header>${escaped(where)}</header><pre class="${lines.length === 1 && isLong(lines[0]?.printed) ? 'long' : ''}">${lines
  .map(({ typed, printed }) => `<b>$ ${escaped(typed)}</b>\n${printed ? `${escaped(printed)}\n` : ''}`)
  .join('\n')}</pre></main>`
