import { parseArgs } from 'node:util'
import { diagnose } from '../doctor/diagnose.ts'
import { exitOf, findingsJson, findingsText } from '../doctor/told.ts'
import { toldOrDone, understoodBy } from './command-line.ts'
import { bodyIn } from './doctor-place.ts'

const USAGE = 'understudy [--rehearsal DIR] doctor [PLAN…] [--all] [--json]'

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
  return toldOrDone(json, out, async () => {
    const { plans, rehearsal, all } = understood(args)
    const findings = await diagnose(bodyIn({ env, rehearsal, plans }))
    out(json ? JSON.stringify(findingsJson(findings)) : findingsText(findings, all))
    return exitOf(findings)
  })
}

function understood(args: readonly string[]): Wish {
  const options = {
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    rehearsal: { type: 'string' },
  } as const
  const { values, positionals: plans } = understoodBy(USAGE, () =>
    parseArgs({ args: [...args], options, allowPositionals: true }),
  )
  const { json, all, rehearsal } = values
  return { plans, json, all, ...(rehearsal === undefined ? {} : { rehearsal }) }
}
