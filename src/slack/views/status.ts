import type { KnownBlock } from '@slack/types'
import { duration } from '../../engine/duration.ts'
import type { Line, Status } from '../../flows/status.ts'
import {
  context,
  header,
  list,
  type Message,
  message,
  moment,
  pairs,
  person,
  plain,
  readable,
  section,
} from '../blocks.ts'

export const LIGHTS = {
  ok: ':large_green_circle:',
  warn: ':large_yellow_circle:',
  bad: ':red_circle:',
  unknown: ':white_circle:',
} as const satisfies Record<Line['level'], string>

/** What is not fine says so in front of its value; what is not known never looks fine. */
const shown = ({ value, level }: Line) =>
  level === 'ok' ? readable(value) : `${LIGHTS[level]} ${readable(value)}`

/** Everything about one plan. */
export function statusCard(status: Status, stamp?: string): Message {
  const { topology, sides, journal } = status
  const blocks: KnownBlock[] = [
    header(`${status.title}: ${status.headline}`),
    section(`${LIGHTS[status.level]} ${readable(topology.sentence)}`),
    ...pairs(status.lines.map((line) => [plain(line.label), shown(line)])),
    ...(['home', 'dr'] as const).map((side) => {
      const { region, role, lines } = sides[side]
      return list(
        `${plain(region)} · ${side}, ${role === 'unknown' ? 'role unknown' : role}`,
        sideLines(lines),
        '',
      )
    }),
    ...(status.warnings.length ? [list('Warnings', status.warnings.map(readable))] : []),
    context(...journalLines(journal), `Looked ${moment(status.at)}, in ${duration(status.tookMs)}.`),
  ]
  return message(`${status.title}: ${plain(status.headline)}. ${plain(topology.sentence)}`, blocks, stamp)
}

/** A region of which nothing can be seen is one line, not one for each thing that gave no answer. */
function sideLines(lines: readonly Line[]): string[] {
  const [first, ...others] = lines
  if (first && others.length && lines.every(({ level }) => level === 'unknown'))
    return [
      `${LIGHTS.unknown} ${plain(first.label)}: ${readable(first.value)}`,
      `${LIGHTS.unknown} unknown as well: ${others.map(({ label }) => plain(label)).join(', ')}`,
    ]
  return lines.map(({ level, label, value }) => `${LIGHTS[level]} ${plain(label)}: ${readable(value)}`)
}

function journalLines({ run, usualRto, lastDrill }: Status['journal']): string[] {
  return [
    ...(run ? [`Run \`${plain(run.id)}\` (${plain(run.phase)}), asked for by ${person(run.by)}.`] : []),
    usualRto ? `Past runs took ${plain(usualRto)}.` : 'No past run to estimate from.',
    `Last drill: ${plain(lastDrill)}.`,
  ]
}

/** Why a plan's light is not green: what customers get if that is not well, else the first of the worst. */
function reason({ level, lines, sides }: Status): string {
  const probe = lines.find((line) => line.label === 'Public probe' && line.level !== 'ok')
  if (probe) return ` ${plain(probe.label)}: ${readable(probe.value)}.`
  const ofSides = [sides.home, sides.dr].flatMap(({ region, lines: its }) =>
    its.map((line) => ({ ...line, label: `${region} ${line.label}` })),
  )
  const worst = level === 'ok' ? undefined : [...lines, ...ofSides].find((line) => line.level === level)
  return worst ? ` ${plain(worst.label)}: ${readable(worst.value)}.` : ''
}

/** One line for each plan; a plan whose file is broken is a line too. */
export function statusOfAll(
  statuses: readonly Status[],
  broken: readonly { readonly name: string; readonly faults: readonly string[] }[] = [],
  stamp?: string,
): Message {
  const lines = statuses.map((status) => {
    const { level, plan, headline, topology, journal } = status
    const run = journal.run ? ` · run \`${plain(journal.run.id)}\` ${plain(journal.run.phase)}` : ''
    return `${LIGHTS[level]} *${plain(plan)}* · ${plain(headline)} · ${readable(topology.sentence)}${reason(status)}${run}`
  })
  const faulty = broken.map(
    ({ name, faults }) => `${LIGHTS.bad} *${plain(name)}* · its file is broken: ${plain(faults[0] ?? '')}`,
  )
  const took = Math.max(0, ...statuses.map(({ tookMs }) => tookMs))
  const all = [...lines, ...faulty]
  return message(
    `${all.length} plans`,
    [
      all.length ? list('Plans', all, '') : section('No plan is loaded.'),
      context(`Looked in ${duration(took)}. \`/dr status &lt;plan&gt;\` shows one in full.`),
    ],
    stamp,
  )
}
