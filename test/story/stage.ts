import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalEntry } from '../../rehearsal/aws/calls.ts'
import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { keysOf } from '../../rehearsal/aws/world/sts.ts'
import { manualClock, scaledClock, type WorldClock } from '../../rehearsal/clock.ts'
import { writePlans } from '../../rehearsal/plans.ts'
import { quiet } from '../../rehearsal/quiet.ts'
import { inProcess, overSockets, type Reach } from '../../rehearsal/reach.ts'
import { cast, parts as roles } from '../../rehearsal/slack/cast.ts'
import { openSlack, type SlackSide } from '../../rehearsal/slack/open.ts'
import type { Message } from '../../rehearsal/slack/room.ts'
import { type Bot, compose } from '../../src/app/compose.ts'
import { type Config, parseConfig } from '../../src/app/config.ts'
import { metricsTo } from '../../src/app/runs/metrics.ts'
import { isAftercare, liveRuns, runOf } from '../../src/app/runs/runs.ts'
import { drain } from '../../src/app/serving/draining.ts'
import { composeFront } from '../../src/app/serving/front.ts'
import { watch } from '../../src/app/serving/watching.ts'
import { type Terminal, terminalOver } from '../../src/app/terminal/terminal.ts'
import { durableHandler } from '../../src/durable/host.ts'
import { LocalEngine } from '../../src/durable/local-engine.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import type { Run } from '../../src/engine/run.ts'
import { loadPlans } from '../../src/plan/loader.ts'
import { plansOf } from '../../src/plan/plans.ts'
import { logTo } from '../../src/slack/log.ts'
import type { HttpAnswer, HttpEvent } from '../../src/slack/receiver.ts'
import { Channel, labels } from './channel.ts'
import { Player } from './player.ts'
import { slackIsBusy, wall } from './turns.ts'

/** The journal syncs every write: in memory that costs nothing. */
const STATE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const SHIPPED = join(import.meta.dirname, '../../plans')
const THREE_IN_THE_MORNING = Date.UTC(2026, 10, 21, 3, 0, 0)
const SECRET = { signing: 'a-signing-secret-of-the-story', token: 'xoxb-story-token' }
const LATENCY_MS = 50
const WATCH_MS = 10_000
/** What nobody waits longer for: in the world, and on the wall. */
const LIMIT = { world: 3 * 3_600_000, wall: 40_000 }

type Options = {
  readonly seed?: number
  /** Further files of the plans' folder, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** What happens to runs is logged and measured as on AWS. */
  readonly metrics?: boolean
  /** Over loopback sockets, the world this many times as fast as the wall; else one clock, moved by hand. */
  readonly sockets?: { readonly world: number; readonly people: number }
}

/**
 * The whole product in one process: a simulated AWS, a Slack that nobody here wrote, the bot between them wired as the
 * rehearsal wires it, and people who write to it. By hand, the clock jumps from one thing to the next while a test waits.
 */
export class Stage {
  readonly clock: WorldClock
  readonly people: WorldClock
  readonly simulation: Simulation
  readonly slack: SlackSide
  readonly channel: Channel
  readonly journal: SqliteJournal
  readonly bot: Bot
  readonly lines: string[] = []
  readonly secret = SECRET.signing
  readonly dir = mkdtempSync(join(STATE, 'understudy-story-'))
  readonly #front: (event: HttpEvent) => Promise<HttpAnswer>
  readonly #reach: Reach
  #engine: LocalEngine | undefined
  #held: Promise<void> | undefined
  readonly #terminals = new Set<Terminal>()
  #showing: 'no' | 'yes' | 'again' = 'no'
  #closed = false

  static async open(options: Options = {}): Promise<Stage> {
    const { seed = 1, sockets } = options
    const clock = sockets ? scaledClock({ scale: sockets.world }) : manualClock(THREE_IN_THE_MORNING)
    const people = sockets ? scaledClock({ scale: sockets.people }) : clock
    const simulation = simulate({ clock, seed, people })
    const reach = sockets ? await overSockets(simulation) : inProcess(simulation, clock, LATENCY_MS)
    const slack = await openSlack({}, SECRET, () => '')
    return new Stage(options, { clock, people, simulation, reach, slack })
  }

  /** Two minutes of a good night, and then home answers nobody. */
  static async homeIsDark(options: Options = {}): Promise<Stage> {
    const stage = await Stage.open(options)
    await stage.pass(120_000)
    await stage.simulation.outage('us-east-1', 'mute')
    return stage
  }

  private constructor(
    { files = {}, metrics = false }: Options,
    given: Pick<Stage, 'clock' | 'people' | 'simulation' | 'slack'> & { reach: Reach },
  ) {
    const { clock, people, simulation, slack, reach } = given
    this.clock = clock
    this.people = people
    this.simulation = simulation
    this.slack = slack
    this.#reach = reach
    this.channel = new Channel(slack)
    this.journal = new SqliteJournal({ file: join(this.dir, 'journal.db'), clock, people })
    const config = this.#config()
    const plans = this.#plans(files)
    const log = logTo((line) => this.lines.push(line))
    this.bot = compose(config, plans, {
      journal: this.#gated(this.journal),
      clock,
      people,
      log,
      ...(metrics
        ? {
            metrics: metricsTo(
              (line) => this.lines.push(line),
              () => clock.now(),
              'story',
            ),
          }
        : {}),
      reach,
      engine: (run) => {
        const onBreak = (execution: string, error: unknown) =>
          log('warn', 'an invocation broke off and is tried again', { execution, error })
        this.#engine = new LocalEngine({
          file: join(this.dir, 'engine.db'),
          clock,
          handler: (client) => durableHandler(run, { client }),
          onBreak,
        })
        return this.#engine
      },
    })
    const wake = () => this.#wake()
    this.#front = composeFront(config, { plans, journal: this.journal, people, log, wake })
    this.journal.onChange(wake)
    this.#watch()
  }

  readonly maya = new Player(this, cast[0])
  readonly jonas = new Player(this, cast[1])
  readonly priya = new Player(this, cast[2])
  readonly sam = new Player(this, cast[3])

  /**
   * Holds the bot's process down, as SIGSTOP does: it comes no further than to its next word with the journal. Answers
   * how to let it go on, as if nothing had been.
   */
  hold(): () => void {
    const held = Promise.withResolvers<void>()
    this.#held = held.promise
    return () => {
      this.#held = undefined
      held.resolve()
    }
  }

  /** A terminal on another machine: only the journal and AWS are shared. `place` names its folder. */
  terminal(place: string): Terminal {
    const { clock, people, journal, bot } = this
    const stateDir = join(this.dir, place)
    const keys = Object.fromEntries(cast.map(({ id }) => [id, keysOf(id)]))
    const terminal = terminalOver({
      ...{ clock, people, journal, stateDir, keys, reach: this.#reach },
      plans: bot.parts.plans,
    })
    this.#terminals.add(terminal)
    return terminal
  }

  #gated(journal: SqliteJournal): SqliteJournal {
    return new Proxy(journal, {
      get: (target, name) => {
        const verb: unknown = Reflect.get(target, name)
        if (typeof verb !== 'function') return verb
        if (name === 'onChange' || name === 'close') return verb.bind(target)
        return async (...args: unknown[]) => {
          while (this.#held) await this.#held
          return verb.apply(target, args)
        }
      },
    })
  }

  /** A Lambda Function URL invocation of the front. */
  send(event: HttpEvent): Promise<HttpAnswer> {
    return this.#front(event)
  }

  /** What AWS was asked to change, oldest first, answered or not. */
  changes(operation?: string): readonly JournalEntry[] {
    return this.simulation.calls
      .list()
      .filter((call) => !/^(Describe|List|Get|Test|Assume)/.test(call.operation))
      .filter((call) => operation === undefined || call.operation === operation)
  }

  /** For other clients than the bot's. */
  get connection(): Reach['connection'] {
    return this.#reach.connection
  }

  get engine(): LocalEngine {
    return this.#engine as LocalEngine
  }

  /** The newest run of the plan, however it stands; the watch after a failover is another matter. */
  async run(plan = 'orders'): Promise<Run | undefined> {
    for (const id of await this.journal.runs({ plan })) {
      const run = await runOf(this.journal, id)
      if (!isAftercare(run)) return run
    }
    return undefined
  }

  live(plan?: string): Promise<readonly Run[]> {
    return liveRuns(this.journal, plan)
  }

  /** Lets time pass until the newest run of the plan `is` so. */
  async runWhen(what: string, is: (run: Run) => boolean, plan?: string): Promise<Run> {
    return this.until(`the run ${what}`, async () => {
      const run = await this.run(plan)
      return run && is(run) ? run : undefined
    })
  }

  /** Lets time pass until a card of the plan can be decided; `after` leaves older ones out. */
  async card(after?: Message): Promise<Message> {
    const open = (message: Message) =>
      labels(message).includes('Review and approve') && Number(message.ts) > Number(after?.ts ?? 0)
    return this.until('a card is up', () => this.channel.posted.findLast(open))
  }

  /** The card that follows when that person asks for a failover. */
  async asks(who: Player, line = '/dr failover orders'): Promise<Message> {
    const older = this.channel.posted.at(-1)
    await who.types(line)
    return this.card(older)
  }

  /** The board of the newest run, as it stands. */
  async board(): Promise<Message> {
    return this.until('the board is up', () =>
      this.channel.posted.findLast(
        ({ text, blocks = [] }) => blocks.some(({ type }) => type === 'plan') && !text.includes('Aftercare'),
      ),
    )
  }

  /** The thread under it, oldest first, as Slack tells it. */
  async thread(): Promise<readonly Message[]> {
    return this.channel.thread(await this.board())
  }

  /** The question that waits for an answer, in the thread. */
  async decision(than?: Message): Promise<Message> {
    const open = (message: Message) =>
      labels(message).includes('Abort') && message.thread_ts !== undefined && message.ts !== than?.ts
    return this.until('a decision is asked for', () => this.channel.posted.findLast(open))
  }

  /** Lets time pass until `look` finds something. */
  async until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const limit = { world: this.clock.now() + LIMIT.world, wall: Date.now() + LIMIT.wall }
    for (;;) {
      await quiet()
      const found = slackIsBusy() ? undefined : await look()
      if (found) return found
      if (this.clock.now() > limit.world || Date.now() > limit.wall)
        throw new Error(`it did not come to this: ${what}\n${await this.story()}`)
      await this.#turn()
    }
  }

  /** Lets that much of the world's time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    this.clock.after(ms, () => {})
    await this.until(`${ms} ms later`, () => this.clock.now() >= end)
  }

  async settled<T>(work: Promise<T>): Promise<T> {
    let over = false
    const watched = work.finally(() => {
      over = true
    })
    watched.catch(() => {})
    await this.until('the work is done', () => over)
    return watched
  }

  /** What happened so far, for whoever reads why a test failed. */
  async story(): Promise<string> {
    const run = await this.run()
    return [
      ...this.channel.seen().map((text) => `  # ${text}`),
      ...this.lines.slice(-10).map((line) => `  log ${line}`),
      `  run ${run?.id} ${run?.phase} ${run?.outcome ?? ''} ${run?.ending ?? ''}`,
      ...(run?.steps ?? []).map(({ id, state, detail }) => `    ${id} ${state} ${detail}`),
    ].join('\n')
  }

  async close(): Promise<void> {
    this.#closed = true
    this.bot.announcer.close()
    for (const terminal of this.#terminals) await this.settled(terminal.close())
    await this.settled(this.engine.close())
    this.journal.close()
    await this.#reach.close()
    await this.slack.close()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** One step of time: by hand, to whatever is due next, but not past anybody who is at work. */
  async #turn(): Promise<void> {
    if (!this.clock.manual) return wall(5)
    const next = this.clock.next()
    if (next === undefined || slackIsBusy() || (await this.#atWork())) return wall(0)
    this.clock.advance(Math.max(0, next - this.clock.now()))
  }

  /** A run that waits for AWS waits for the clock; one that does not is computing. */
  async #atWork(): Promise<boolean> {
    if (this.#reach.underWay?.()) return false
    const soon = new Promise<boolean>((later) => setImmediate(() => later(true)))
    // A bot that is held does nothing, and nobody waits for it.
    const engines = [
      ...(this.#held ? [] : [this.engine]),
      ...[...this.#terminals].map(({ engine }) => engine),
    ]
    return Promise.race([Promise.all(engines.map((engine) => engine.idle())).then(() => false), soon])
  }

  #wake(): void {
    if (this.#closed) return
    void drain(this.bot, 'story')
    const idle = this.#showing === 'no'
    this.#showing = 'again'
    if (idle) void this.#show()
  }

  /** Events that come together are answered by one look. */
  async #show(): Promise<void> {
    while (this.#showing === 'again' && !this.#closed) {
      await new Promise((soon) => setImmediate(soon))
      this.#showing = 'yes'
      await this.bot.announcer.renderAll()
    }
    this.#showing = 'no'
  }

  #watch(): void {
    this.people.after(WATCH_MS, () => {
      if (this.#closed) return
      void watch(this.bot)
      this.#watch()
    })
  }

  #config(): Config {
    const { ids } = this.slack
    return parseConfig({
      SLACK_SIGNING_SECRET: SECRET.signing,
      SLACK_BOT_TOKEN: ids.token,
      SLACK_APP_ID: ids.appId,
      SLACK_TEAM_ID: ids.teamId,
      SLACK_API_URL: ids.api,
      UNDERSTUDY_PLANS: join(this.dir, 'plans'),
      UNDERSTUDY_JOURNAL: join(this.dir, 'journal.db'),
      UNDERSTUDY_STAMP: 'SIMULATED',
    })
  }

  #plans(files: Readonly<Record<string, string>>) {
    const dir = join(this.dir, 'plans')
    const slack = { channel: this.slack.ids.channel, ...roles }
    writePlans(SHIPPED, dir, slack, (name) =>
      name === 'orders' || name === 'billing' ? this.simulation.ids(name) : undefined,
    )
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
    return plansOf({ ...loadPlans(dir), commit: 'story' })
  }
}
