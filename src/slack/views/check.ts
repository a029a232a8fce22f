import type { Check, Way } from '../../flows/check.ts'
import { context, header, list, type Message, message, moment, plain, readable, section } from '../blocks.ts'
import { LIGHTS } from './status.ts'

/** Everything that stands in the way of a plan's flows, each with what to do about it. */
export function checkCard(check: Check, stamp?: string): Message {
  const { title, level, ways, warnings, at } = check
  const said = level === 'ok' ? 'nothing is in the way' : 'see what is in the way'
  return message(
    `Checks of ${title}: ${said}`,
    [
      header(`Checks of ${title}`),
      ...ways.map((way) => list(wayLine(way), wayLines(way), '')),
      ...(warnings.length ? [list('Warnings', warnings.map(readable))] : []),
      context(
        `Looked ${moment(at)}; nothing was changed. What the roles may change is looked at by \`understudy doctor\`.`,
      ),
    ],
    stamp,
  )
}

/** One line for each plan; a plan whose file is broken is a line too. */
export function checksOfAll(
  checks: readonly Check[],
  broken: readonly { readonly name: string; readonly faults: readonly string[] }[],
  stamp?: string,
): Message {
  const lines = [
    ...checks.map(({ plan, level, ways, warnings }) => {
      const faults = ways.flatMap(wayLines).length + warnings.length
      const said = faults === 0 ? 'ready' : `${faults} to look at: \`check ${plain(plan)}\``
      return `${LIGHTS[level]} *${plain(plan)}*: ${said}`
    }),
    ...broken.map(({ name }) => `${LIGHTS.bad} *${plain(name)}*: its file is broken`),
  ]
  return message('Checks of all plans', [section(lines.join('\n') || 'No plan is loaded.')], stamp)
}

function wayLine(way: Way): string {
  if ('refused' in way) return `${LIGHTS.warn} ${plain(way.title)}: not now`
  const open = way.steps.filter(({ level }) => level !== 'ok')
  const light = LIGHTS[open.some(({ level }) => level === 'bad') ? 'bad' : open.length ? 'unknown' : 'ok']
  const said = open.length
    ? `${open.length} of ${way.steps.length} checks`
    : `${way.steps.length} checks, all well`
  return `${light} ${plain(way.title)}: ${said}`
}

function wayLines(way: Way): string[] {
  if ('refused' in way) return [`${readable(way.refused.why)} ${readable(way.refused.remedy)}`]
  return way.steps
    .filter(({ level }) => level !== 'ok')
    .map(({ title, level, detail }) => `${LIGHTS[level]} ${plain(title)}: ${readable(detail)}`)
}
