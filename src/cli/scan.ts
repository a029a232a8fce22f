import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { drError } from '../engine/errors.ts'
import { loadPlans } from '../plan/loader.ts'
import { type Plans, planOf, plansOf } from '../plan/plans.ts'
import type { Plan } from '../plan/schema.ts'
import { MAX_PLAN_BYTES, parsePlanText } from '../terraform/plan-text.ts'
import { type ScanResult, scanPlan } from '../terraform/scan.ts'
import type { Side } from '../terraform/scope.ts'
import { scanText } from '../terraform/told.ts'
import { misused, toldOrDone, understoodBy } from './command-line.ts'

/** What the terminal may know that the command line does not say. */
export type ScanHelp = {
  /** The plans; left out: those of the folder `UNDERSTUDY_PLANS`, or of `plans`. */
  readonly plans?: Plans
  /** Who serves now, looked up; undefined when it could not be seen. */
  readonly activeOf?: (plan: Plan) => Promise<Side | undefined>
}

const USAGE =
  'understudy scan FILE… [--plan PLAN] [--active home|dr] [--fenced home|dr] [--plan-file FILE] [--json]\nFILE is the output of `terraform show -json <plan file>`.'

/**
 * `understudy scan`: judges Terraform plans. `args` are the words after `scan`; `out` gets lines, or with `--json` one
 * object. Answers the exit code: 0 nothing against applying them, 1 a blocker, 2 bad input.
 */
export async function scan(
  args: readonly string[],
  out: (text: string) => void,
  help: ScanHelp = {},
): Promise<number> {
  const json = args.includes('--json')
  return toldOrDone(json, out, async () => {
    const wish = understood(args)
    const plan = planFor(wish.plan, help.plans)
    const active = wish.active ?? (await help.activeOf?.(plan))
    if (!active) throw unclear('say who serves now, --active home or --active dr (`understudy status` tells)')
    const results = wish.files.map((file) => scanFile(file, wish, plan, active))
    const saved =
      wish.planFile === undefined ? undefined : { file: wish.planFile, sha256: hashOf(wish.planFile) }
    out(json ? JSON.stringify({ results, ...(saved ? { planFile: saved } : {}) }) : told(results, saved))
    return results.some(({ verdict }) => verdict === 'blocked') ? 1 : 0
  })
}

type Wish = {
  readonly files: readonly string[]
  readonly plan?: string
  readonly planFile?: string
  readonly active?: Side
  readonly fenced: readonly Side[]
}

const unclear = (why: string) => misused(USAGE, [why])

function understood(args: readonly string[]): Wish {
  const options = {
    json: { type: 'boolean' },
    plan: { type: 'string' },
    active: { type: 'string' },
    fenced: { type: 'string', multiple: true },
    'plan-file': { type: 'string' },
  } as const
  const { values, positionals } = understoodBy(USAGE, () =>
    parseArgs({ args: [...args], options, allowPositionals: true }),
  )
  const { plan, active, fenced = [], 'plan-file': planFile } = values
  if (positionals.length === 0) throw unclear('no file was named')
  if (planFile !== undefined && positionals.length > 1)
    throw unclear('--plan-file belongs to one FILE: scan them one by one')
  return {
    files: positionals,
    fenced: fenced.map((given) => sideOf('--fenced', given)),
    ...(plan === undefined ? {} : { plan }),
    ...(planFile === undefined ? {} : { planFile }),
    ...(active === undefined ? {} : { active: sideOf('--active', active) }),
  }
}

function sideOf(flag: string, given: string): Side {
  if (given === 'home' || given === 'dr') return given
  throw unclear(`${flag} is home or dr, not “${given}”`)
}

function planFor(name: string | undefined, given: Plans | undefined): Plan {
  const plans = given ?? plansOf(loadPlans(process.env.UNDERSTUDY_PLANS || 'plans'))
  if (name !== undefined) return planOf(plans, name)
  const [only, second] = plans.plans
  if (only && !second) return only
  throw unclear(
    `name the plan with --plan: ${plans.plans.map((plan) => plan.name).join(', ') || 'none is loaded'}`,
  )
}

function scanFile(path: string, { fenced }: Wish, plan: Plan, active: Side): ScanResult {
  const file = basename(path)
  const bytes = bytesOf(path)
  return scanPlan(parsePlanText(bytes.toString('utf8'), file), {
    plan,
    active,
    fenced,
    file,
    sha256: sha256(bytes),
  })
}

function bytesOf(path: string): Buffer {
  const unusable = (why: string, cause?: unknown) =>
    drError('FILE_UNUSABLE', { name: basename(path), why }, cause)
  try {
    const { size } = statSync(path)
    if (size > MAX_PLAN_BYTES) throw unusable(`it is larger than ${MAX_PLAN_BYTES / 2 ** 20} MB`)
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw unusable(error.message, error)
    throw error
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const hashOf = (path: string) => sha256(bytesOf(path))

function told(results: readonly ScanResult[], saved: { file: string; sha256: string } | undefined): string {
  const blocked = results.some(({ verdict }) => verdict === 'blocked')
  const apply =
    saved && !blocked
      ? [`To apply exactly this plan: terraform apply ${saved.file}`, `  sha256 ${saved.sha256}`]
      : []
  return [...results.map(scanText), ...apply].join('\n')
}
