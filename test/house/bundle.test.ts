import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundle, sizeOf } from '../../scripts/bundle/bundle.ts'

const FRONT = 'src/handlers/front.ts'
const folder = () => {
  const dir = mkdtempSync(join(tmpdir(), 'bundle-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

test('the front handler starts with at most 260 KB, and is at most 900 KB in all', async () => {
  const metafile = await bundle({ front: FRONT }, folder())
  const { entry, all } = sizeOf(metafile, FRONT)
  expect(entry).toBeGreaterThan(50_000)
  expect(entry).toBeLessThanOrEqual(260_000)
  expect(all).toBeLessThanOrEqual(900_000)
})

test('the front handler carries no YAML parser, no durable SDK and no AWS client to its start', async () => {
  const metafile = await bundle({ front: FRONT }, folder())
  const first = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === FRONT)
  const packages = Object.keys(first?.inputs ?? {}).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  )
  expect(packages).toContain('@slack/bolt')
  for (const heavy of ['yaml', '@aws/durable-execution-sdk-js', '@smithy/core', 'express', 'undici'])
    expect(packages).not.toContain(heavy)
})

test('sizes follow static imports for the start, and dynamic ones for all', async () => {
  const metafile = await bundle({ stock: 'bench/cold/stock.ts' }, folder(), { stock: true })
  const { entry } = sizeOf(metafile, 'bench/cold/stock.ts')
  expect(entry).toBeGreaterThan(1_000_000)
  expect(() => sizeOf(metafile, FRONT)).toThrow('is no entry of this bundle')
})
