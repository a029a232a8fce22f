import type { WebClient } from '@slack/web-api'
import { pastRuns, type Usual, usualOf } from '../engine/past.ts'
import type { Clock, Journal } from '../engine/ports.ts'
import { fold, type Run } from '../engine/run.ts'
import type { Ask } from './asks.ts'
import type { Message } from './blocks.ts'
import { Delivery, tickOf } from './delivery.ts'
import type { Log } from './log.ts'
import { Messenger } from './messenger.ts'
import { failureOf, whyNot } from './outbox.ts'
import { PostedMessages } from './posted.ts'
import { Turns } from './turns.ts'
import { classic } from './views/classic.ts'
import { wantedMessages } from './wanted.ts'

const RECENT_RUNS = 20
const ATTEMPTS = 3
const LONGEST_WAIT_MS = 30_000

/** How long a turn is kept while nothing can be written, people's ms. */
const KEEP_TURN_MS = 2_000

/** `owedAt`: when something that Slack has not got is tried again, people's ms. */
type Task = { working?: Promise<void>; again: boolean; cancel?: () => void; owedAt?: number }

/** When to look at a run again, in ms: at what Slack has not got, and at clocks that move by themselves. */
type Soon = { readonly owed: number; readonly tick: number }
const NEVER = Number.POSITIVE_INFINITY

/**
 * The only writer to Slack. Level-triggered: compares the messages a run should have with those the journal knows were
 * posted, and posts or edits the difference. Slack's failures never reach a run: they are tried again, in order, for as
 * long as it takes; a post whose outcome is unclear is looked for before it is sent again. Of several processes, one at
 * a time writes a run's messages.
 */
export class Announcer {
  readonly #client: WebClient
  readonly #journal: Journal
  readonly #people: Clock
  readonly #worldNow: () => number
  readonly #stamp: string | undefined
  readonly #reportOf: ((run: Run) => Promise<string | undefined>) | undefined
  readonly #log: Log
  readonly #posted: PostedMessages
  readonly #delivery: Delivery
  readonly #turns: Turns
  readonly #usual = new Map<string, Promise<Usual>>()
  readonly #tasks = new Map<string, Task>()
  /** Runs that ended and have all their messages: nothing about them changes any more. */
  readonly #finished = new Set<string>()
  #closed = false
  #stilling = false

  constructor(deps: {
    client: WebClient
    journal: Journal
    /** Who this process is to others. */
    holder: string
    /** People's time: pacing and deadlines. */
    people: Clock
    /** World time in ms: the clocks of runs. */
    worldNow: () => number
    log: Log
    stamp?: string
    /** What is told of an ended run in full, in Markdown; undefined for a run that has no report. */
    reportOf?: (run: Run) => Promise<string | undefined>
  }) {
    this.#client = deps.client
    this.#journal = deps.journal
    this.#people = deps.people
    this.#worldNow = deps.worldNow
    this.#stamp = deps.stamp
    this.#reportOf = deps.reportOf
    this.#log = deps.log
    this.#posted = new PostedMessages(deps.journal)
    const { journal, holder } = deps
    this.#turns = new Turns({ journal, holder, now: () => deps.people.now() })
    this.#delivery = new Delivery({
      posted: this.#posted,
      messenger: new Messenger(deps.client, deps.log),
      turns: this.#turns,
      people: deps.people,
      log: deps.log,
    })
  }

  /**
   * Brings the messages of a run up to date: what can be written now is, the rest follows by itself. Never rejects.
   * Calls while one is at work are answered by one further pass.
   */
  render(runId: string): Promise<void> {
    const task = this.#tasks.get(runId) ?? { again: false }
    this.#tasks.set(runId, task)
    task.again = true
    task.working ??= this.#work(runId, task)
    return task.working
  }

  /** After a start: every live run, and the latest others, whose last words may still be owed. */
  async renderAll(): Promise<void> {
    const live = await this.#journal.runs({ live: true })
    const recent = await this.#journal.runs({ limit: RECENT_RUNS })
    for (const runId of new Set([...live, ...recent]))
      if (!this.#finished.has(runId)) await this.render(runId)
  }

  /** In how many ms something that Slack has not got is tried again; undefined when it has everything. */
  owedIn(): number | undefined {
    const due = [...this.#tasks.values()].flatMap(({ owedAt }) => owedAt ?? [])
    return due.length ? Math.max(0, Math.min(...due) - this.#people.now()) : undefined
  }

  /**
   * Ends what is under way after the message it is at, and lets nothing follow by itself until the next `render`: for a
   * process that is about to be frozen.
   */
  async still(): Promise<void> {
    this.#stilling = true
    for (const task of this.#tasks.values()) task.cancel?.()
    await Promise.all([...this.#tasks.values()].map(({ working }) => working))
    for (const [runId, task] of this.#tasks) {
      task.cancel?.()
      await this.#turns.over(runId).catch(() => {})
    }
    this.#tasks.clear()
    this.#stilling = false
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
      if (attempt === ATTEMPTS || failure.kind === 'never') {
        this.#log('warn', 'an answer could not be delivered', { channel: ask.channel, why: whyNot(error) })
        return
      }
      const ms = failure.kind === 'later' ? Math.min(failure.afterMs, LONGEST_WAIT_MS) : 1000 * attempt
      await new Promise<void>((resolve) => this.#people.after(ms, resolve))
      await this.answer(ask, failure.kind === 'blocks' ? classic(message) : message, attempt + 1)
    }
  }

  /** Says something in a channel that belongs to no run, once for each key. Rejects where Slack does not take it. */
  async notice(channel: string, key: string, message: Message): Promise<void> {
    const name = `notice:${key}`
    if (await this.#journal.pointer(name)) return
    const messenger = new Messenger(this.#client, this.#log)
    const place = { channel, broadcast: false, run: 'notice', key, version: 1 }
    // A post of which nothing was heard may be there.
    const found = await messenger.find(place)
    const posted =
      typeof found === 'object' && 'ts' in found ? found : await messenger.post(place, message, false)
    if (!('ts' in posted)) throw new Error(`Slack did not take the notice ${key}`)
    await this.#journal.point(name, posted.ts)
  }

  /** Where a run's thread is; undefined while it has none, or Slack does not say. */
  async link({ id, proposal }: Run): Promise<string | undefined> {
    const board = await this.#posted.of(id, 'board')
    if (board.state !== 'posted') return undefined
    try {
      const { channel } = proposal
      return (await this.#client.chat.getPermalink({ channel, message_ts: board.ts })).permalink
    } catch (error) {
      this.#log('warn', 'a link could not be made', { run: id, why: whyNot(error) })
      return undefined
    }
  }

  async #work(runId: string, task: Task): Promise<void> {
    while (task.again && !this.#closed) {
      task.again = false
      task.cancel?.()
      delete task.cancel
      const soon = await this.#pass(runId).catch((error): Soon => {
        this.#log('error', 'a run could not be rendered', { run: runId, error })
        return { owed: this.#delivery.backoff(runId), tick: NEVER }
      })
      if (soon.owed > KEEP_TURN_MS) await this.#turns.over(runId).catch(() => {})
      if (task.again || this.#closed) continue
      this.#follow(runId, task, soon)
    }
    // In the same breath as the last look at `again`: a call from now on starts anew.
    delete task.working
    if (task.cancel) return
    this.#tasks.delete(runId)
    this.#posted.forget(runId)
  }

  #follow(runId: string, task: Task, { owed, tick }: Soon): void {
    delete task.owedAt
    if (owed !== NEVER) task.owedAt = this.#people.now() + owed
    const again = Math.min(owed, tick)
    if (again !== NEVER) task.cancel = this.#people.after(again, () => void this.render(runId))
  }

  /** One comparison of wanted and posted. */
  async #pass(runId: string): Promise<Soon> {
    const records = await this.#journal.events(runId)
    const run = fold(records)
    if (!run) return { owed: NEVER, tick: NEVER }
    const times = { people: this.#people.now(), world: this.#worldNow() }
    const tick = this.#nextTick(run, times.people)
    const beside = {
      usual: await this.#usualFor(run),
      report: await this.#reportFor(run),
      stamp: this.#stamp,
    }
    let owed = NEVER
    for (const wanted of wantedMessages(run, records, times, beside)) {
      if (this.#stilling) return { owed: 0, tick }
      const step = await this.#delivery.ensure(run, wanted)
      if ('settled' in step) continue
      if ('anew' in step) return this.#pass(runId)
      owed = Math.min(owed, step.againIn)
      if (step.stop) break
    }
    if (owed === NEVER && tick === NEVER) this.#done(runId)
    return { owed, tick }
  }

  #done(runId: string): void {
    this.#finished.add(runId)
    this.#usual.delete(runId)
  }

  /** A report that cannot be made holds nothing else up. */
  async #reportFor(run: Run): Promise<string | undefined> {
    if (run.phase !== 'ended') return undefined
    try {
      return await this.#reportOf?.(run)
    } catch (error) {
      this.#log('error', 'a report could not be made', { run: run.id, error })
      return undefined
    }
  }

  /** What runs of this kind took before this one; read once, so that what was said stays so. */
  #usualFor({ id, proposal }: Run): Promise<Usual> {
    const known = this.#usual.get(id)
    if (known) return known
    const asking = pastRuns(this.#journal, proposal.plan).then((past) =>
      usualOf(
        past.filter((run) => run.id !== id && run.proposal.title === proposal.title),
        proposal,
      ),
    )
    this.#usual.set(id, asking)
    asking.catch(() => this.#usual.delete(id))
    return asking
  }

  /** When a message changes without an event: the clocks of a board, the end of a card's time. */
  #nextTick(run: Run, now: number): number {
    const { phase, proposal } = run
    const { ms } = tickOf(run) ?? { ms: NEVER }
    return phase === 'proposed' && now <= proposal.expiresAt ? Math.min(ms, proposal.expiresAt - now + 1) : ms
  }
}
