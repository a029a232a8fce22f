import type { WebClient } from '@slack/web-api'
import type { Clock, Journal } from '../engine/ports.ts'
import { fold, type Run } from '../engine/run.ts'
import type { Ask } from './asks.ts'
import type { Message } from './blocks.ts'
import type { Log } from './log.ts'
import { Messenger, type Place } from './messenger.ts'
import { type Failure, failureOf, whyNot } from './outbox.ts'
import { Pace } from './pace.ts'
import { type Posted, PostedMessages } from './posted.ts'
import { classic } from './views/classic.ts'
import { type Wanted, wantedMessages } from './wanted.ts'

const EDIT_MS = 3_000
/** How old the message that matters now may become: its clocks move, and an edit is how we learn that it is gone. */
const TICKS = {
  proposed: { key: 'card', ms: 60_000 },
  running: { key: 'board', ms: 10_000 },
  waiting: { key: 'board', ms: 30_000 },
} as const
const LONGEST_BACKOFF_MS = 30_000
const RECENT_RUNS = 20
/** How long another process may be at a post before we take it for dead. */
const OTHERS_MS = 5_000

/** What became of one message in one pass: settled, to be looked at again in so many ms, or nothing more goes now. */
type Step = { readonly settled: true } | { readonly againIn: number; readonly stop?: true }
const SETTLED: Step = { settled: true }

type Task = { working?: Promise<void>; again: boolean; failures: number; cancel?: () => void }
type Ensuring = { readonly run: Run; readonly task: Task; readonly wanted: Wanted; readonly place: Place }

/**
 * The only writer to Slack. Level-triggered: compares the messages a run should have with those the journal knows were
 * posted, and posts or edits the difference. Slack's failures never reach a run: they are tried again, in order, for as
 * long as it takes; a post whose outcome is unclear is looked for before it is sent again.
 */
export class Announcer {
  readonly #client: WebClient
  readonly #journal: Journal
  readonly #people: Clock
  readonly #worldNow: () => number
  readonly #stamp: string | undefined
  readonly #log: Log
  readonly #posted: PostedMessages
  readonly #messenger: Messenger
  readonly #pace: Pace
  readonly #tasks = new Map<string, Task>()
  /** Messages this process has seen Slack accept: others are edited once, to learn whether they are still there. */
  readonly #confirmed = new Set<string>()
  /** Posts this process began itself. */
  readonly #begun = new Set<string>()
  #closed = false

  constructor(deps: {
    client: WebClient
    journal: Journal
    /** People's time: pacing and deadlines. */
    people: Clock
    /** World time in ms: the clocks of runs. */
    worldNow: () => number
    log: Log
    stamp?: string
  }) {
    this.#client = deps.client
    this.#journal = deps.journal
    this.#people = deps.people
    this.#worldNow = deps.worldNow
    this.#stamp = deps.stamp
    this.#log = deps.log
    this.#posted = new PostedMessages(deps.journal)
    this.#messenger = new Messenger(deps.client, deps.log)
    this.#pace = new Pace(() => deps.people.now())
  }

  /**
   * Brings the messages of a run up to date: what can be written now is, the rest follows by itself. Never rejects.
   * Calls while one is at work are answered by one further pass.
   */
  render(runId: string): Promise<void> {
    const task = this.#tasks.get(runId) ?? { again: false, failures: 0 }
    this.#tasks.set(runId, task)
    task.again = true
    task.working ??= this.#work(runId, task)
    return task.working
  }

  /** After a start: every live run, and the latest others, whose last words may still be owed. */
  async renderAll(): Promise<void> {
    const live = await this.#journal.runs({ live: true })
    const recent = await this.#journal.runs({ limit: RECENT_RUNS })
    for (const runId of new Set([...live, ...recent])) await this.render(runId)
  }

  /** Stops everything that would follow by itself. */
  close(): void {
    this.#closed = true
    for (const task of this.#tasks.values()) task.cancel?.()
    this.#tasks.clear()
  }

  /** Answers whoever asked, visible to them only. Tries a few times; when Slack does not take it, it is logged. */
  async answer(ask: Pick<Ask, 'by' | 'channel'>, message: Message, attempt = 1): Promise<void> {
    try {
      await this.#client.chat.postEphemeral({ channel: ask.channel, user: ask.by, ...message })
    } catch (error) {
      const failure = failureOf(error)
      if (attempt === 3 || failure.kind === 'never') {
        this.#log('warn', 'an answer could not be delivered', { channel: ask.channel, why: whyNot(error) })
        return
      }
      const ms = failure.kind === 'later' ? Math.min(failure.afterMs, LONGEST_BACKOFF_MS) : 1000 * attempt
      await new Promise<void>((resolve) => this.#people.after(ms, resolve))
      await this.answer(ask, failure.kind === 'blocks' ? classic(message) : message, attempt + 1)
    }
  }

  async #work(runId: string, task: Task): Promise<void> {
    while (task.again && !this.#closed) {
      task.again = false
      task.cancel?.()
      delete task.cancel
      const againIn = await this.#pass(runId, task).catch((error) => {
        this.#log('error', 'a run could not be rendered', { run: runId, error })
        return this.#backoff(task)
      })
      if (againIn === undefined || task.again || this.#closed) continue
      task.cancel = this.#people.after(againIn, () => void this.render(runId))
    }
    // In the same breath as the last look at `again`: a call from now on starts anew.
    delete task.working
    if (task.cancel) return
    this.#tasks.delete(runId)
    this.#posted.forget(runId)
  }

  /** One comparison of wanted and posted. Answers when to look again, if at all. */
  async #pass(runId: string, task: Task): Promise<number | undefined> {
    const records = await this.#journal.events(runId)
    const run = fold(records)
    if (!run) return undefined
    const times = { people: this.#people.now(), world: this.#worldNow() }
    let soonest = this.#nextTick(run, times.people)
    for (const wanted of wantedMessages(run, records, times, this.#stamp)) {
      const step = await this.#ensure(run, task, wanted)
      if ('settled' in step) continue
      soonest = Math.min(soonest, step.againIn)
      if (step.stop) break
    }
    return soonest === Number.POSITIVE_INFINITY ? undefined : soonest
  }

  /** When a message changes without an event: the clocks of a board, the end of a card's time. */
  #nextTick({ phase, proposal }: Run, now: number): number {
    if (phase === 'ended') return Number.POSITIVE_INFINITY
    const { ms } = TICKS[phase]
    return phase === 'proposed' && now <= proposal.expiresAt ? Math.min(ms, proposal.expiresAt - now + 1) : ms
  }

  async #ensure(run: Run, task: Task, wanted: Wanted): Promise<Step> {
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
    const ensuring = { run, task, wanted, place }
    const standing = await this.#posted.of(run.id, wanted.key, wanted.fixed)
    if (standing.state === 'refused') return SETTLED
    // A reply in the thread of a board that is no more does not count as posted.
    if (standing.state === 'posted' && standing.thread === place.thread) return this.#edit(ensuring, standing)
    if (standing.state === 'sending') return this.#lookBeforePosting(ensuring, standing.at)
    return this.#post(ensuring)
  }

  async #lookBeforePosting(ensuring: Ensuring, since: number): Promise<Step> {
    const { run, task, wanted, place } = ensuring
    const othersLeft = since + OTHERS_MS - this.#people.now()
    if (othersLeft > 0 && !this.#begun.has(`${run.id}:${wanted.key}`))
      return { againIn: othersLeft, stop: true }
    const found = await this.#messenger.find(place)
    if (found === 'absent') return this.#post(ensuring)
    if ('kind' in found) return this.#failed(ensuring, found)
    task.failures = 0
    await this.#posted.put(run.id, wanted.key, {
      ...postedNow(place, wanted, found.ts, this.#people.now()),
      version: 0,
      digest: wanted.fixed ? wanted.digest : 'found again',
    })
    return wanted.fixed ? SETTLED : { againIn: EDIT_MS }
  }

  async #post(ensuring: Ensuring): Promise<Step> {
    const { run, task, wanted, place } = ensuring
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
    task.failures = 0
    this.#confirmed.add(`${run.id}:${wanted.key}`)
    await this.#posted.put(run.id, wanted.key, postedNow(place, wanted, sent.ts, this.#people.now()))
    return SETTLED
  }

  async #edit(ensuring: Ensuring, posted: Posted): Promise<Step> {
    const { run, task, wanted, place } = ensuring
    if (posted.version > run.version || !this.#due(run, wanted, posted)) return SETTLED
    const wait = Math.max(posted.at + EDIT_MS - this.#people.now(), this.#pace.pause())
    if (wait > 0) return { againIn: wait }
    const old = await this.#posted.isClassic(run.id)
    const updated = await this.#messenger.update(place, posted.ts, wanted.message, old)
    if (updated !== 'updated') {
      if (updated.kind === 'gone') await this.#posted.remove(run.id, wanted.key)
      return this.#failed(ensuring, updated)
    }
    task.failures = 0
    this.#confirmed.add(`${run.id}:${wanted.key}`)
    await this.#posted.put(run.id, wanted.key, postedNow(place, wanted, posted.ts, this.#people.now()))
    return SETTLED
  }

  /** Whether a posted message has to be edited: it changed, its clocks are old, or we never saw it since we started. */
  #due({ id, phase }: Run, { key, fixed, digest }: Wanted, posted: Posted): boolean {
    if (fixed) return false
    if (posted.digest !== digest) return true
    if (phase === 'ended') return false
    const tick = TICKS[phase]
    const aged = key === tick.key && this.#people.now() - posted.at >= tick.ms
    return aged || !this.#confirmed.has(`${id}:${key}`)
  }

  async #failed({ run, task, wanted }: Ensuring, failure: Failure): Promise<Step> {
    switch (failure.kind) {
      case 'later':
        if (failure.everything) this.#pace.pauseFor(failure.afterMs)
        return { againIn: failure.afterMs, stop: true }
      case 'unclear':
        return { againIn: this.#backoff(task), stop: true }
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

  #backoff(task: Task): number {
    return Math.min(LONGEST_BACKOFF_MS, 1000 * 2 ** task.failures++)
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
