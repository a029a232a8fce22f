import type { Clock } from '../engine/ports.ts'
import type { Run } from '../engine/run.ts'
import { startsByItself } from './judge.ts'
import type { Log } from './log.ts'
import type { Messenger, Place } from './messenger.ts'
import type { Failure } from './outbox.ts'
import { Pace } from './pace.ts'
import type { Posted, PostedMessages } from './posted.ts'
import type { Turns } from './turns.ts'
import type { Wanted } from './wanted.ts'

const EDIT_MS = 3_000
/** How old the message that matters now may become: its clocks move, and an edit is how we learn that it is gone. */
const TICKS = {
  proposed: { key: 'card', ms: 60_000 },
  running: { key: 'board', ms: 10_000 },
  waiting: { key: 'board', ms: 30_000 },
} as const
/** Nobody follows the clocks of a watch of days. */
const WATCH_TICK = { key: 'board', ms: 300_000 } as const

/** Which message of a run has to be edited by and by, though nothing happened; none of an ended one. */
export function tickOf(run: Run): { readonly key: string; readonly ms: number } | undefined {
  if (run.phase === 'ended') return undefined
  return startsByItself(run) ? WATCH_TICK : TICKS[run.phase]
}
const LONGEST_BACKOFF_MS = 30_000
/** How long another process may be at a post before we take it for dead. */
const OTHERS_MS = 5_000

/** How soon we look whether another process is done with the run's messages. */
const TURN_MS = 1_000

/**
 * What became of one message: settled, or to be looked at again in so many ms; `stop`: the later ones have to wait;
 * `anew`: whatever was read before may have changed since.
 */
export type Step =
  | { readonly settled: true }
  | { readonly againIn: number; readonly stop?: true }
  | { readonly anew: true }
const SETTLED: Step = { settled: true }

type Ensuring = { readonly run: Run; readonly wanted: Wanted; readonly place: Place }

/** Brings one message at a time to where it should be, and remembers in the journal what it did before it does it. */
export class Delivery {
  readonly #posted: PostedMessages
  readonly #messenger: Messenger
  readonly #turns: Turns
  readonly #people: Clock
  readonly #log: Log
  readonly #pace: Pace
  /** Failures in a row, by run. */
  readonly #failures = new Map<string, number>()
  /** Messages this process has seen Slack accept: others are edited once, to learn whether they are still there. */
  readonly #confirmed = new Set<string>()
  /** Posts this process began itself. */
  readonly #begun = new Set<string>()

  constructor(deps: {
    posted: PostedMessages
    messenger: Messenger
    turns: Turns
    people: Clock
    log: Log
  }) {
    this.#posted = deps.posted
    this.#messenger = deps.messenger
    this.#turns = deps.turns
    this.#people = deps.people
    this.#log = deps.log
    this.#pace = new Pace(() => deps.people.now())
  }

  /** One message of a run: posted, edited, looked for or left alone. */
  async ensure(run: Run, wanted: Wanted): Promise<Step> {
    const board = wanted.thread ? await this.#posted.of(run.id, 'board') : undefined
    if (board?.state === 'absent' || board?.state === 'sending') return { againIn: EDIT_MS, stop: true }
    const place: Place = {
      channel: run.proposal.channel,
      broadcast: wanted.broadcast,
      run: run.id,
      key: wanted.key,
      version: run.version,
      ...(board?.state === 'posted' ? { thread: board.ts } : {}),
    }
    const ensuring = { run, wanted, place }
    const standing = await this.#posted.of(run.id, wanted.key, wanted.fixed)
    if (standing.state === 'refused') return SETTLED
    // A reply in the thread of a board that is no more does not count as posted.
    if (standing.state === 'posted' && standing.thread === place.thread) return this.#edit(ensuring, standing)
    if (standing.state === 'sending') return this.#lookBeforePosting(ensuring, standing.at)
    return this.#post(ensuring)
  }

  async #lookBeforePosting(ensuring: Ensuring, since: number): Promise<Step> {
    const { run, wanted, place } = ensuring
    const othersLeft = since + OTHERS_MS - this.#people.now()
    if (othersLeft > 0 && !this.#begun.has(`${run.id}:${wanted.key}`))
      return { againIn: othersLeft, stop: true }
    const wait = await this.#turn(run)
    if (wait) return wait
    const found = await this.#messenger.find(place)
    if (found === 'absent') return this.#post(ensuring)
    if ('kind' in found) return this.#failed(ensuring, found)
    this.#failures.delete(run.id)
    await this.#heads(ensuring, found.ts)
    await this.#posted.put(run.id, wanted.key, {
      ...postedNow(place, wanted, found.ts, this.#people.now()),
      version: 0,
      digest: wanted.fixed ? wanted.digest : 'found again',
    })
    return wanted.fixed ? SETTLED : { againIn: EDIT_MS }
  }

  async #post(ensuring: Ensuring): Promise<Step> {
    const { run, wanted, place } = ensuring
    const turn = await this.#turn(run)
    if (turn) return turn
    const wait = this.#pace.post(place.channel)
    if (wait > 0) return { againIn: wait, stop: true }
    this.#begun.add(`${run.id}:${wanted.key}`)
    await this.#posted.put(run.id, wanted.key, { state: 'sending', at: this.#people.now() })
    const sent = await this.#messenger.post(place, wanted.message, await this.#posted.isClassic(run.id))
    if ('kind' in sent) {
      if (sent.kind !== 'unclear') await this.#posted.remove(run.id, wanted.key)
      if (sent.kind === 'gone') await this.#posted.remove(run.id, 'board')
      return this.#failed(ensuring, sent)
    }
    this.#failures.delete(run.id)
    this.#confirmed.add(`${run.id}:${wanted.key}`)
    await this.#heads(ensuring, sent.ts)
    await this.#posted.put(run.id, wanted.key, postedNow(place, wanted, sent.ts, this.#people.now()))
    return SETTLED
  }

  /** What to do instead of writing; undefined when it is our turn, and what we know is as it was. */
  async #turn({ id }: Run): Promise<Step | undefined> {
    const turn = await this.#turns.of(id)
    if (turn === 'mine') return undefined
    return turn === 'just now' ? { anew: true } : { againIn: TURN_MS, stop: true }
  }

  /** A board is the head of its run's thread: what people put there is found by it. */
  async #heads({ run, wanted }: Ensuring, ts: string): Promise<void> {
    if (wanted.key === 'board') await this.#posted.heads(run.id, run.proposal.channel, ts)
  }

  async #edit(ensuring: Ensuring, posted: Posted): Promise<Step> {
    const { run, wanted, place } = ensuring
    if (posted.version > run.version || !this.#due(run, wanted, posted)) return SETTLED
    const wait = Math.max(posted.at + EDIT_MS - this.#people.now(), this.#pace.pause())
    if (wait > 0) return { againIn: wait }
    const turn = await this.#turn(run)
    if (turn) return turn
    const old = await this.#posted.isClassic(run.id)
    const updated = await this.#messenger.update(place, posted.ts, wanted.message, old)
    if (updated !== 'updated') {
      if (updated.kind === 'gone') await this.#posted.remove(run.id, wanted.key)
      return this.#failed(ensuring, updated)
    }
    this.#failures.delete(run.id)
    this.#confirmed.add(`${run.id}:${wanted.key}`)
    await this.#posted.put(run.id, wanted.key, postedNow(place, wanted, posted.ts, this.#people.now()))
    return SETTLED
  }

  /** Whether a posted message has to be edited: it changed, its clocks are old, or we never saw it since we started. */
  #due(run: Run, { key, fixed, digest }: Wanted, posted: Posted): boolean {
    if (fixed) return false
    if (posted.digest !== digest) return true
    const tick = tickOf(run)
    if (!tick) return false
    const aged = key === tick.key && this.#people.now() - posted.at >= tick.ms
    return aged || !this.#confirmed.has(`${run.id}:${key}`)
  }

  async #failed({ run, wanted }: Ensuring, failure: Failure): Promise<Step> {
    switch (failure.kind) {
      case 'later':
        if (failure.everything) this.#pace.pauseFor(failure.afterMs)
        return { againIn: failure.afterMs, stop: true }
      case 'unclear':
        return { againIn: this.backoff(run.id), stop: true }
      case 'gone':
        return { againIn: 0, stop: true }
      case 'blocks':
        if (await this.#posted.isClassic(run.id)) return this.#giveUp(run, wanted)
        await this.#posted.makeClassic(run.id)
        return { againIn: 0, stop: true }
      case 'never':
        return this.#giveUp(run, wanted)
    }
  }

  /** Slack will take this one in no form we have: the others must not wait for it. */
  async #giveUp(run: Run, { key }: Wanted): Promise<Step> {
    this.#log('error', 'a message can never be posted', { run: run.id, key })
    await this.#posted.put(run.id, key, { state: 'refused' })
    return SETTLED
  }

  /** How long to wait after one more failure in a row, ms. */
  backoff(runId: string): number {
    const failures = this.#failures.get(runId) ?? 0
    this.#failures.set(runId, failures + 1)
    return Math.min(LONGEST_BACKOFF_MS, 1000 * 2 ** failures)
  }
}

const postedNow = (place: Place, { digest }: Wanted, ts: string, at: number): Posted => ({
  state: 'posted',
  ts,
  version: place.version,
  digest,
  at,
  ...(place.thread ? { thread: place.thread } : {}),
})
