import type { WebClient } from '@slack/web-api'
import { DrError, drError, type Fault, faultOf } from '../engine/errors.ts'
import type { Journal } from '../engine/ports.ts'
import { fold, type Run } from '../engine/run.ts'
import { type Plans, planOf } from '../plan/plans.ts'
import type { Plan } from '../plan/schema.ts'
import { type Ask, itemOf } from './asks.ts'
import type { Pins } from './authorise.ts'
import { type Message, plain } from './blocks.ts'
import type { Log } from './log.ts'
import { told } from './views/told.ts'

/** What the front works with. */
export type FrontDeps = {
  readonly pins: Pins
  readonly plans: Plans
  readonly journal: Journal
  /** Only ever opens forms and answers the one who asked. */
  readonly client: WebClient
  /** People's time, ms. */
  now(): number
  /** Tells the worker that there is something to claim; the work item stands whether or not this succeeds. */
  wake(): void | Promise<void>
  readonly log: Log
  /** Put in front of every message of a rehearsal. */
  readonly stamp?: string
}

/** Verified, parsed and authorised requests become work items here; refusals are thrown as DrErrors. */
export class Front {
  readonly deps: FrontDeps
  constructor(deps: FrontDeps) {
    this.deps = deps
  }

  /** The plan of that name; throws PLAN_BROKEN or PLAN_UNKNOWN. */
  plan(name: string): Plan {
    return planOf(this.deps.plans, name)
  }

  /** Throws OUTSIDER unless some plan lives in that channel. */
  mustBePlanChannel(channel: string): void {
    const channels = [...new Set(this.deps.plans.plans.map(({ slack }) => slack.channel))]
    if (channels.includes(channel)) return
    const why = channels.length
      ? `it is used in ${channels.map((id) => `<#${id}>`).join(', ')}`
      : 'no plan is loaded'
    throw drError('OUTSIDER', { why })
  }

  /** A run as the journal knows it now; throws RUN_UNKNOWN. */
  async run(runId: string): Promise<Run> {
    const run = fold(await this.deps.journal.events(runId))
    if (!run) throw drError('RUN_UNKNOWN', { runId: plain(runId.slice(0, 60)) })
    return run
  }

  /** The one write of a request, and the wake-up after it. Throws REQUEST_REPEATED for a replay, STORE_FAILED. */
  async offer(requestId: string, ask: Ask): Promise<void> {
    if (!(await this.deps.journal.offer(itemOf(requestId, ask)))) throw drError('REQUEST_REPEATED', {})
    try {
      await this.deps.wake()
    } catch (error) {
      this.deps.log('warn', 'the worker could not be woken; it finds the item by itself', { error })
    }
  }

  /** Tells one person something that only they see. Slack may lose it; that is logged, and changes nothing. */
  async tell(channel: string, user: string, { text, blocks }: Message, thread?: string): Promise<void> {
    const where = { channel, user, ...(thread === undefined ? {} : { thread_ts: thread }) }
    try {
      await this.deps.client.chat.postEphemeral({ ...where, text, blocks })
    } catch (error) {
      this.deps.log('warn', 'an answer could not be delivered', { channel, user, error })
    }
  }

  /** Any failure in one line, for a form's input. */
  explainInline(error: unknown): string {
    const { message, changed, remedy } = this.#faultOf(error)
    return `${message} ${changed} ${remedy}`
  }

  #faultOf(error: unknown): Fault {
    if (!(error instanceof DrError)) this.deps.log('error', 'a request hit a bug', { error })
    return faultOf(error)
  }

  /** Any failure as a person is told it; bugs are logged as well. */
  explain(error: unknown): Message {
    return told(this.#faultOf(error), this.deps.stamp)
  }
}
