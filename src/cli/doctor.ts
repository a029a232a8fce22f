import { parseArgs } from 'node:util'
import { diagnose } from '../doctor/diagnose.ts'
import { exitOf, findingsJson, findingsText } from '../doctor/told.ts'
import { drError, faultOf } from '../engine/errors.ts'
import { bodyIn } from './doctor-place.ts'

const USAGE = 'understudy [--rehearsal DIR] doctor [PLAN…] [--all] [--json]'
const misused = 2

type Wish = {
  readonly plans: readonly string[]
  readonly rehearsal?: string
  readonly json: boolean
  readonly all: boolean
}

/**
 * `understudy doctor`: looks at everything a run needs, changes nothing, and tells all findings at once with their
 * remedies. `args` are the words after `doctor`; `out` gets lines, or with `--json` one object. Answers the exit code:
 * 0 nothing is wrong, 1 something is, 4 nothing that could be seen is, 2 bad input.
 */
export async function doctor(
  args: readonly string[],
  out: (text: string) => void,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const json = args.includes('--json')
  try {
    const { plans, rehearsal, all } = understood(args)
    const findings = await diagnose(bodyIn({ env, rehearsal, plans }))
    out(json ? JSON.stringify(findingsJson(findings)) : findingsText(findings, all))
    return exitOf(findings)
  } catch (error) {
    const fault = faultOf(error)
    if (fault.code === 'BUG') throw error
    out(json ? JSON.stringify({ error: fault }) : `${fault.message}\n${fault.changed} ${fault.remedy}`)
    return misused
  }
}

function understood(args: readonly string[]): Wish {
  const options = {
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    rehearsal: { type: 'string' },
  } as const
  try {
    const { values, positionals: plans } = parseArgs({ args: [...args], options, allowPositionals: true })
    const { json, all, rehearsal } = values
    return { plans, json, all, ...(rehearsal === undefined ? {} : { rehearsal }) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw drError('CONFIG_INVALID', { faults: [why, USAGE] }, error)
  }
}
