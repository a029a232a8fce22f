import type { Contradiction } from './repeated.ts'
import type { Plan } from './schema.ts'

/** A window that never opens, or that no clock tells. One that ends before it begins reaches over midnight, which is fine. */
export function drillFaults({ drill: { window } }: Plan): Contradiction[] {
  if (!window) return []
  const { days, from, to, timeZone } = window
  const at = ['drill', 'window']
  const faults: Contradiction[] = []
  if (from === to)
    faults.push({ path: [...at, 'to'], message: `is ${to}, as from: no drill could ever begin` })
  days.forEach((day, index) => {
    if (days.indexOf(day) < index)
      faults.push({ path: [...at, 'days', index], message: `${day} is here twice` })
  })
  if (!isZone(timeZone))
    faults.push({
      path: [...at, 'timeZone'],
      message: `“${timeZone}” is no time zone, such as Europe/Berlin`,
    })
  return faults
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
