/** Slack takes about one post a second in a channel, with short bursts. */
const BURST = 4
const PER_MS = 1 / 1000

/** How fast we may write: posts per channel by a bucket that refills, and a pause for all when Slack asks for one. */
export class Pace {
  readonly #now: () => number
  readonly #buckets = new Map<string, { left: number; at: number }>()
  #pausedUntil = 0
  constructor(now: () => number) {
    this.#now = now
  }

  /** 0 and the post is counted, or how many ms to wait before asking again. */
  post(channel: string): number {
    const now = this.#now()
    const pause = this.pause()
    if (pause > 0) return pause
    const { left, at } = this.#buckets.get(channel) ?? { left: BURST, at: now }
    const filled = Math.min(BURST, left + (now - at) * PER_MS)
    if (filled < 1) return Math.ceil((1 - filled) / PER_MS)
    this.#buckets.set(channel, { left: filled - 1, at: now })
    return 0
  }

  /** How long everything has to wait, ms. */
  pause(): number {
    return Math.max(0, this.#pausedUntil - this.#now())
  }
  pauseFor(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + ms)
  }
}
