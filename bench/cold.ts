import { execFile } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual, promisify } from 'node:util'
import { bundle, sizeOf } from '../scripts/bundle/bundle.ts'
import { compilePlans } from '../src/plan/compiled.ts'
import { loadPlans } from '../src/plan/loader.ts'
import { type Bench, median, type Outcome } from './bench.ts'

/** Import plus first journal write of the front, at most this part of a stock receiver's. */
const LIMIT = 0.55
const ROUNDS = 31
const SECRET = 'cold-bench'

const ITEM = { by: 'U00ALICE', channel: 'C00INCIDENT', kind: 'status', plan: 'orders' }

type Start = { readonly importMs: number; readonly firstWriteMs: number; readonly status?: number }
type Variant = { readonly name: string; readonly source: string; readonly stock: boolean }

const FRONT: Variant = { name: 'front', source: 'src/handlers/front.ts', stock: false }
const STOCK: Variant = { name: 'stock Bolt receiver', source: 'bench/cold/stock.ts', stock: true }
/** Not held against the limit: says how much of the gain is the aliases, and how much the receiver and the rest. */
const ALIASED: Variant = { name: 'stock, our aliases', source: 'bench/cold/stock.ts', stock: false }
const VARIANTS = [FRONT, STOCK, ALIASED]

export const cold: Bench = {
  about: 'cold start of the front handler, against the same with the stock Bolt Lambda receiver',
  run: ([rounds = ROUNDS]) => inFolder((folder) => compare(folder, Number(rounds))),
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cold-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function compare(folder: string, rounds: number): Promise<Outcome> {
  writeFileSync(join(folder, 'plans.json'), compilePlans(loadPlans(join(import.meta.dirname, '../plans'))))
  const built = await Promise.all(VARIANTS.map((variant) => prepare(folder, variant)))
  // The first start of each makes its journal, as a table is made before a Lambda runs, and warms the disk's cache.
  for (const { start } of built) await start()
  for (let round = 0; round < rounds; round++)
    for (const { start, starts } of built) starts.push(await start())
  for (const { variant, journal } of built) expectItems(journal, rounds + 1, variant.name)

  const figures = built.map(({ variant, size, starts }) => ({
    name: variant.name,
    importMs: median(starts.map(({ importMs }) => importMs)),
    firstWriteMs: median(starts.map(({ firstWriteMs }) => firstWriteMs)),
    ...size,
  }))
  return outcomeOf(figures, rounds)
}

type Figure = {
  readonly name: string
  readonly importMs: number
  readonly firstWriteMs: number
  readonly entry: number
  readonly all: number
}

function outcomeOf(figures: readonly Figure[], rounds: number): Outcome {
  const of = ({ name }: Variant) => figures.find((figure) => figure.name === name) as Figure
  const ratio = of(FRONT).firstWriteMs / of(STOCK).firstWriteMs
  const ok = ratio <= LIMIT
  return {
    title: 'Cold start: import plus first journal write, one signed slash command',
    columns: ['bundle', 'start KB', 'all KB', 'import ms', 'to first write ms', 'of stock'],
    rows: figures.map(({ name, entry, all, importMs, firstWriteMs }) => [
      name,
      ...[entry / 1000, all / 1000].map((kb) => kb.toFixed(0)),
      ...[importMs, firstWriteMs].map((ms) => ms.toFixed(1)),
      (firstWriteMs / of(STOCK).firstWriteMs).toFixed(2),
    ]),
    notes: [
      `Medians of ${rounds} fresh processes each, interleaved, on this machine: Node ${process.version}.`,
      'All bundled with the same esbuild flags; the stock receiver keeps all of Bolt, as it comes.',
      `front / stock: ${ratio.toFixed(2)}; the limit is ${LIMIT}: ${ok ? 'kept' : 'NOT kept'}.`,
    ],
    ok,
    result: { ratio, limit: LIMIT, rounds, variants: figures },
  }
}

async function prepare(folder: string, variant: Variant) {
  const out = join(folder, variant.name.replaceAll(/\W+/g, '-'))
  const metafile = await bundle({ handler: variant.source }, out, { stock: variant.stock })
  const journal = `${out}.sqlite`
  const start = () => startOnce(join(out, 'handler.mjs'), environment(folder, journal))
  return { variant, journal, size: sizeOf(metafile, variant.source), start, starts: [] as Start[] }
}

const environment = (folder: string, journal: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  TZ: 'UTC',
  SLACK_SIGNING_SECRET: SECRET,
  SLACK_BOT_TOKEN: 'xoxb-cold',
  SLACK_APP_ID: 'A00COLD',
  SLACK_TEAM_ID: 'T00COLD',
  UNDERSTUDY_PLANS: join(folder, 'plans.json'),
  UNDERSTUDY_JOURNAL: journal,
})

const run = promisify(execFile)

async function startOnce(file: string, env: NodeJS.ProcessEnv): Promise<Start> {
  const script = join(import.meta.dirname, 'cold/start.ts')
  const { stdout } = await run(process.execPath, [script, file, JSON.stringify(slashCommand())], { env })
  const start = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Start
  if (start.status !== 200) throw new Error(`${file} answered ${start.status}`)
  return start
}

/** A `/dr status orders` of somebody who may ask, as an HTTP API (v2) hands it to a Lambda; each is another request. */
function slashCommand() {
  const body = new URLSearchParams({
    command: '/dr',
    text: 'status orders',
    team_id: 'T00COLD',
    api_app_id: 'A00COLD',
    channel_id: 'C00INCIDENT',
    user_id: 'U00ALICE',
    is_enterprise_install: 'false',
    response_url: 'https://hooks.slack.com/commands/T00COLD/1/cold',
    trigger_id: `1.2.${randomUUID()}`,
  }).toString()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex')
  return {
    version: '2.0',
    rawPath: '/slack',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    requestContext: { http: { method: 'POST', path: '/slack' } },
    body,
    isBase64Encoded: false,
  }
}

/** A handler that answers but takes nothing down would win: every start must have left the same item. */
function expectItems(file: string, expected: number, name: string): void {
  const journal = new DatabaseSync(file, { readOnly: true })
  const items = journal.prepare('SELECT kind, body FROM items').all()
  journal.close()
  if (items.length !== expected) throw new Error(`${name} wrote ${items.length} items in ${expected} starts`)
  for (const { kind, body } of items)
    if (kind !== 'status' || !isDeepStrictEqual(JSON.parse(String(body)), ITEM))
      throw new Error(`${name} wrote another item: ${kind} ${body}`)
}
