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
  return new AnchoredClock(state)
}

class AnchoredClock implements WorldClock {
  #anchor: Omit<ClockState, 'manual'>
  /** By due time; equal times in the order they were asked for. */
  #timers: Timer[] = []
  #disarm = () => {}

  constructor(state: ClockState) {
    this.#anchor = { ...state, scale: usable(state.scale) }
  }

  get scale() {
    return this.#anchor.scale
  }

  get manual() {
    return this.scale === 0
  }

  now() {
    return this.#at(Date.now())
  }

  after(ms: number, wake: () => void) {
    const timer: Timer = { due: this.now() + Math.max(0, ms), wake }
    const later = this.#timers.findIndex((other) => other.due > timer.due)
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer)
    if (this.#timers[0] === timer) this.#arm()
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index === -1) return
      this.#timers.splice(index, 1)
      if (index === 0) this.#arm()
    }
  }

  next() {
    return this.#timers[0]?.due
  }

  advance(ms: number) {
    if (!(ms >= 0)) throw new RangeError(`A clock cannot be advanced by ${ms} ms.`)
    const target = this.now() + ms
    try {
      for (let timer = this.#takeDue(target); timer; timer = this.#takeDue(target)) {
        this.#moveTo(timer.due)
        timer.wake()
      }
      this.#moveTo(target)
    } finally {
      this.#arm()
    }
  }

  setScale(scale: number) {
    const wall = Date.now()
    this.#anchor = { anchorWall: wall, anchorWorld: this.#at(wall), scale: usable(scale) }
    this.#arm()
  }

  state() {
    return { ...this.#anchor, manual: this.manual }
  }

  adopt({ anchorWall, anchorWorld, scale }: ClockState) {
    this.#anchor = { anchorWall, anchorWorld, scale: usable(scale) }
    this.#arm()
  }

  #moveTo(world: number) {
    const wall = Date.now()
    this.#anchor = { ...this.#anchor, anchorWall: wall, anchorWorld: Math.max(world, this.#at(wall)) }
  }

  #at(wall: number) {
    const { anchorWall, anchorWorld, scale } = this.#anchor
    return scale === 0 ? anchorWorld : anchorWorld + (wall - anchorWall) * scale
  }

  #takeDue(until: number): Timer | undefined {
    const first = this.#timers[0]
    return first && first.due <= until ? this.#timers.shift() : undefined
  }

  #fire = () => {
    const until = this.now()
    try {
      for (let timer = this.#takeDue(until); timer; timer = this.#takeDue(until)) timer.wake()
    } finally {
      this.#arm()
    }
  }

  /** Has the host wake this clock when its first timer is due. */
  #arm() {
    this.#disarm()
    this.#disarm = () => {}
    const due = this.next()
    if (due === undefined) return
    const wait = due - this.now()
    if (wait <= 0) {
      const immediate = setImmediate(this.#fire)
      this.#disarm = () => clearImmediate(immediate)
    } else if (!this.manual) {
      const timeout = setTimeout(this.#fire, Math.min(Math.ceil(wait / this.scale), longestTimeout))
      this.#disarm = () => clearTimeout(timeout)
    }
  }
}

function usable(scale: number): number {
  if (scale >= 0 && scale < Number.POSITIVE_INFINITY) return scale
  throw new RangeError(`A clock cannot run at ${scale} times the speed of the wall.`)
}
