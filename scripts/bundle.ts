// npm run bundle: the Lambda handlers and the compiled plans, into dist/. A plan with a fault stops it.
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { compilePlans } from '../src/plan/compiled.ts'
import { faultLines } from '../src/plan/faults.ts'
import { loadPlans } from '../src/plan/loader.ts'
import { bundle, sizeOf } from './bundle/bundle.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const kb = (bytes: number) => `${Math.ceil(bytes / 1000)} KB`.padStart(8)

const plans = loadPlans(join(ROOT, 'plans'))
for (const fault of plans.broken.flatMap(faultLines)) console.error(`plans/${fault}`)
if (plans.broken.length) process.exit(1)

rmSync(DIST, { recursive: true, force: true })
mkdirSync(DIST)
writeFileSync(join(DIST, 'plans.json'), compilePlans(plans, commit()))

const handlers = globSync('src/handlers/*.ts', { cwd: ROOT }).sort()
const metafile = await bundle(
  Object.fromEntries(handlers.map((file) => [basename(file, '.ts'), file])),
  'dist',
)
console.log(`${'handler'.padEnd(12)}${'start'.padStart(8)}${'all'.padStart(8)}`)
for (const file of handlers) {
  const { entry, all } = sizeOf(metafile, file)
  console.log(`${basename(file, '.ts').padEnd(12)}${kb(entry)}${kb(all)}`)
}

/** The commit of the plan files; nothing outside a git checkout. */
function commit(): string | undefined {
  try {
    const git = ['log', '-1', '--format=%h', '--', 'plans']
    return (
      execFileSync('git', git, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim() || undefined
    )
  } catch {
    return undefined
  }
}
