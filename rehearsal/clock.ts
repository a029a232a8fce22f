import type { Clock } from '../src/engine/ports.ts'

/** What another process needs to show the same time: at `anchorWall` on the wall it was `anchorWorld` in the world. */
export type ClockState = {
  /** Both in milliseconds since the epoch. */
  anchorWall: number
  anchorWorld: number
  /** World milliseconds per wall millisecond; 0 = moved by hand only. */
  scale: number
  manual: boolean
}

/** A clock whose speed can be changed and which can be moved forward by hand. */
export type WorldClock = Clock & {
  readonly scale: number
  /** True while nothing but `advance` moves the clock (scale 0). */
  readonly manual: boolean
  /** World milliseconds per wall millisecond from now on; time stays continuous. 0 stops the clock. */
  setScale(scale: number): void
  /**
   * Moves the clock forward, firing what becomes due on the way in order, each at its own time, before it returns.
   * What a woken promise does next happens only after that: to let it act in between, advance to `next()` repeatedly.
   */
  advance(ms: number): void
  /** When the next timer is due, in milliseconds since the epoch. */
  next(): number | undefined
  state(): ClockState
  /** Shows another clock's time from now on (which may be earlier); own timers keep their due times. */
  adopt(state: ClockState): void
}

/** The wall's time. */
export function realClock(): WorldClock {
  return clockFrom({ anchorWall: 0, anchorWorld: 0, scale: 1, manual: false })
}

/** A world that runs `scale` times as fast as the wall, starting at `now` (milliseconds since the epoch). */
export function scaledClock(options: { scale: number; now?: number }): WorldClock {
  const wall = Date.now()
  return clockFrom({
    anchorWall: wall,
    anchorWorld: options.now ?? wall,
    scale: options.scale,
    manual: options.scale === 0,
  })
}

/** A world that stands still at `startMs` until it is advanced. */
export function manualClock(startMs: number): WorldClock {
  return scaledClock({ scale: 0, now: startMs })
}

type Timer = { due: number; wake: () => void }

/** Node fires longer timeouts at once. */
const longestTimeout = 2 ** 31 - 1

/** A clock that shows the same time as the one whose `state()` this is, also in another process of this machine. */
export function clockFrom(state: ClockState): WorldClock {
  let { anchorWall, anchorWorld, scale } = checked(state)
  /** By due time; equal times in the order they were asked for. */
  const timers: Timer[] = []
  let disarm = () => {}

  const now = () => (scale === 0 ? anchorWorld : anchorWorld + (Date.now() - anchorWall) * scale)

  function anchor(world: number, speed = scale) {
    anchorWall = Date.now()
    anchorWorld = world
    scale = speed
  }

  function arm() {
    disarm()
    disarm = () => {}
    const first = timers[0]
    if (!first) return
    const wait = first.due - now()
    if (wait <= 0) {
      const immediate = setImmediate(fireDue)
      disarm = () => clearImmediate(immediate)
    } else if (scale > 0) {
      const timeout = setTimeout(fireDue, Math.min(Math.ceil(wait / scale), longestTimeout))
      disarm = () => clearTimeout(timeout)
    }
  }

  function fireDue() {
    try {
      const until = now()
      for (let timer = timers[0]; timer && timer.due <= until; timer = timers[0]) {
        timers.shift()
        timer.wake()
      }
    } finally {
      arm()
    }
  }

  function after(ms: number, wake: () => void) {
    const timer: Timer = { due: now() + Math.max(0, ms), wake }
    const later = timers.findIndex((other) => other.due > timer.due)
    timers.splice(later === -1 ? timers.length : later, 0, timer)
    if (timers[0] === timer) arm()
    return () => {
      const index = timers.indexOf(timer)
      if (index === -1) return
      timers.splice(index, 1)
      if (index === 0) arm()
    }
  }

  function advance(ms: number) {
    if (!(ms >= 0)) throw new RangeError(`A clock cannot be advanced by ${ms} ms.`)
    const target = now() + ms
    try {
      for (let timer = timers[0]; timer && timer.due <= target; timer = timers[0]) {
        timers.shift()
        anchor(Math.max(timer.due, now()))
        timer.wake()
      }
      anchor(Math.max(target, now()))
    } finally {
      arm()
    }
  }

  return {
    now,
    after,
    advance,
    get scale() {
      return scale
    },
    get manual() {
      return scale === 0
    },
    setScale(speed) {
      anchor(now(), checked({ scale: speed }).scale)
      arm()
    },
    next: () => timers[0]?.due,
    state: () => ({ anchorWall, anchorWorld, scale, manual: scale === 0 }),
    adopt(other) {
      ;({ anchorWall, anchorWorld, scale } = checked(other))
      arm()
    },
  }
}

function checked<S extends { scale: number }>(state: S): S {
  if (!(state.scale >= 0 && state.scale < Number.POSITIVE_INFINITY))
    throw new RangeError(`A clock cannot run at ${state.scale} times the wall's speed.`)
  return state
}
