import type { Clock } from '../engine/ports.ts'

/** What deadlines run on: people's patience, so the wall's time, unless a clock moved by hand stands for it. */
export type Patience = Pick<Clock, 'after'>

/** The wall's. A deadline alone keeps no process alive. */
export const wallPatience: Patience = {
  after(ms, wake) {
    const timer = setTimeout(wake, ms).unref()
    return () => clearTimeout(timer)
  },
}

/** A signal that aborts after `ms`. */
export function limit(patience: Patience, ms: number): AbortSignal {
  const stop = new AbortController()
  patience.after(ms, () => stop.abort(new DOMException('no answer in time', 'TimeoutError')))
  return stop.signal
}
