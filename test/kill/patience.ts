/**
 * On a clock moved by hand, the wall's deadlines say nothing about AWS: on a loaded machine a second of the wall may
 * pass over a call that takes no time. From now on those of a second or more are a hundred times as long.
 */
export function bePatient(): void {
  const { setTimeout: after } = globalThis
  const stretched = (ms = 0) => (ms >= 1_000 ? ms * 100 : ms)
  const later = (wake: () => void, ms?: number, ...rest: []) => after(wake, stretched(ms), ...rest)
  globalThis.setTimeout = Object.assign(later, after) as typeof setTimeout
  const { timeout } = AbortSignal
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, stretched(ms))
}
