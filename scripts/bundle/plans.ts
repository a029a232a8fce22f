import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compilePlans } from '../../src/plan/compiled.ts'
import { faultLines } from '../../src/plan/faults.ts'
import { loadPlans } from '../../src/plan/loader.ts'
import type { Plan } from '../../src/plan/schema.ts'

/** The plans of `plans/`, and the text they are compiled to, which is also `dist/plans.json`. A fault ends the process. */
export function compiledPlans(root: string): { readonly plans: readonly Plan[]; readonly text: string } {
  const read = loadPlans(join(root, 'plans'))
  for (const fault of read.broken.flatMap(faultLines)) console.error(`plans/${fault}`)
  if (read.broken.length) process.exit(1)
  const text = compilePlans(read, commit(root))
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist/plans.json'), text)
  return { plans: read.plans, text }
}

/** The commit of the plan files; nothing outside a git checkout. */
function commit(root: string): string | undefined {
  try {
    const git = ['log', '-1', '--format=%h', '--', 'plans']
    const said = execFileSync('git', git, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
    return said.toString().trim() || undefined
  } catch {
    return undefined
  }
}
