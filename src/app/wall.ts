import type { Clock } from '../engine/ports.ts'

/** The wall's time. On AWS it is the world's and people's alike. */
export const wall: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, ms)
    return () => clearTimeout(timer)
  },
}
