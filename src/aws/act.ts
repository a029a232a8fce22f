import { drError } from '../engine/errors.ts'
import type { Receipt } from '../engine/step.ts'
import { changeFault, readFault } from './faults.ts'
import { limit, type Patience, wallPatience } from './patience.ts'

/** The total limit of an act, all its calls and their retries included: whoever takes over waits it out. */
const ACT_MS = 20_000

type Options = { readonly abortSignal: AbortSignal }
type Send<T> = (options: Options) => Promise<T>
type Answered = { readonly $metadata: { readonly requestId?: string | undefined } }

/** One act under way in one region: its calls, their faults in people's words, and the evidence they leave. */
export class Act {
  readonly region: string
  readonly #role: string
  readonly #evidence: string[] = []
  readonly #options: Options

  constructor(region: string, role = "the bot's own credentials", patience: Patience = wallPatience) {
    this.region = region
    this.#role = role
    this.#options = { abortSignal: limit(patience, ACT_MS) }
  }

  /** The look right before a change. Throws ACT_REJECTED, PERMISSION_MISSING or THROTTLED: nothing was changed. */
  async read<T>(name: string, send: Send<T>): Promise<T> {
    try {
      return await send(this.#options)
    } catch (error) {
      throw readFault({ name, region: this.region, role: this.#role }, error)
    }
  }

  /** A change of `resource`. Throws as `read` does, or OUTCOME_UNKNOWN when it may have been carried out. */
  async change<T extends Answered>(name: string, resource: string, send: Send<T>): Promise<T> {
    this.#inOwnRegion(name, resource)
    if (this.#options.abortSignal.aborted)
      throw this.refuse(name, 'TooLate', `looking took all of ${ACT_MS / 1000} s, so nothing was sent`)
    try {
      const answer = await send(this.#options)
      const request = answer.$metadata.requestId ?? 'not sent'
      this.say(`${name} in ${this.region} of ${resource}, request ${request}`)
      return answer
    } catch (error) {
      throw changeFault({ name, region: this.region, role: this.#role }, error)
    }
  }

  /** A refusal of our own, before anything was sent. */
  refuse(name: string, code: string, why: string): Error {
    return drError('ACT_REJECTED', { call: `${name} in ${this.region}`, code, why })
  }

  /** Adds a sentence to the evidence. */
  say(sentence: string): void {
    this.#evidence.push(sentence)
  }

  /** What the act leaves behind; `first` goes before everything else. */
  receipt(...first: readonly string[]): Receipt {
    return { evidence: [...first, ...this.#evidence] }
  }

  /** Home and dr exchanged would send the right call to the wrong region. */
  #inOwnRegion(name: string, resource: string): void {
    const region = resource.startsWith('arn:') ? regionOf(resource) : ''
    if (region && region !== this.region)
      throw this.refuse(name, 'WrongRegion', `${resource} is not in ${this.region}`)
  }
}

/** The region an ARN names; empty for global resources. */
export const regionOf = (arn: string): string => arn.split(':')[3] ?? ''
