import type { Plan } from '../plan/schema.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Window = NonNullable<Plan['drill']['window']>

/**
 * Why a drill may not begin at that moment (ms since the epoch), or undefined: outside the plan's window, which may
 * reach over midnight and then belongs to the day it began on.
 */
export function outsideWindow({ drill: { window } }: Plan, at: number): string | undefined {
  if (!window) return undefined
  const local = localTime(at, window.timeZone)
  if (!local) return `the plan's drill window is in “${window.timeZone}”, which is no time zone`
  if (isInside(window, local)) return undefined
  return `it is ${local.day} ${local.time} (${window.timeZone}), and drills begin ${windowText(window)}`
}

/** The window in words: `mon, tue 09:00–17:00 (UTC)`. */
const windowText = ({ days, from, to, timeZone }: Window): string =>
  `${days.join(', ')} ${from}–${to} (${timeZone})`

type LocalTime = { readonly day: (typeof DAYS)[number]; readonly time: string }

function isInside({ days, from, to }: Window, { day, time }: LocalTime): boolean {
  if (from <= to) return days.includes(day) && time >= from && time < to
  const yesterday = DAYS[(DAYS.indexOf(day) + 6) % 7] as LocalTime['day']
  return (days.includes(day) && time >= from) || (days.includes(yesterday) && time < to)
}

function localTime(at: number, timeZone: string): LocalTime | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
    const day = DAYS.find((each) => each === parts.get('weekday')?.toLowerCase())
    return day && { day, time: `${parts.get('hour')}:${parts.get('minute')}` }
  } catch {
    return undefined
  }
}
