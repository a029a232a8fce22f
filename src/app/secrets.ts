import type { SecretReader } from '../aws/secrets.ts'
import { drError } from '../engine/errors.ts'
import type { Clock } from '../engine/ports.ts'
import type { Log } from '../slack/log.ts'
import type { Config } from './config.ts'

/** How long what was read counts, people's ms. */
const TTL_MS = 5 * 60_000
/** How soon the store is asked again: because something did not fit, or because it gave no answer. */
const AGAIN_MS = 30_000

/** The Slack secrets as they are now: a rotated one counts without a restart. Each rejects with CONFIG_INVALID. */
export type Secrets = {
  /** One signing secret, or two during rotation. */
  signing(): Promise<readonly string[]>
  token(): Promise<string>
  /** For Socket Mode. */
  appToken(): Promise<string>
  /** Something did not fit: reads the store again, at most every 30 s. Answers whether it did. */
  again(): Promise<boolean>
}

/** What of a configuration says where they are. */
type SecretsIn = Pick<Config, 'endpoints'> & { readonly slack: Pick<Config['slack'], 'secrets'> }

/** The secrets of a configuration; a store is read when the first of them is asked for, and not before. */
export function secretsOf(config: SecretsIn, deps: { people: Pick<Clock, 'now'>; log: Log }): Secrets {
  const { secrets: at } = config.slack
  if (at.kind === 'given') {
    const { signing, token, appToken } = at
    const texts = { 'signing-secret': signing.join(), 'bot-token': token, 'app-token': appToken }
    return new KeptSecrets('the environment', async () => texts, deps, Number.POSITIVE_INFINITY)
  }
  const { kind, region, name } = at
  const endpoint = config.endpoints?.[kind]
  let reader: Promise<SecretReader> | undefined
  const read = async () => {
    reader ??= import('../aws/secrets.ts').then(({ secretReader }) =>
      secretReader({ kind, region, name, ...(endpoint ? { endpoint } : {}) }),
    )
    return (await reader)()
  }
  return new KeptSecrets(`${kind}:${region}/${name}`, read, deps, TTL_MS)
}

type Texts = Readonly<Record<string, string | undefined>>

/** What was read stays good for a while, and better than nothing for as long as the store gives no answer. */
class KeptSecrets implements Secrets {
  readonly #where: string
  readonly #read: () => Promise<Texts>
  readonly #now: () => number
  readonly #log: Log
  readonly #ttlMs: number
  #kept: { readonly texts: Texts; readonly at: number } | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  #reading: Promise<Texts> | undefined

  constructor(
    where: string,
    read: () => Promise<Texts>,
    { people, log }: { people: Pick<Clock, 'now'>; log: Log },
    ttlMs: number,
  ) {
    this.#where = where
    this.#read = read
    this.#now = () => people.now()
    this.#log = log
    this.#ttlMs = ttlMs
  }

  async signing(): Promise<readonly string[]> {
    return (await this.#text('signing-secret')).split(',').map((secret) => secret.trim())
  }
  token(): Promise<string> {
    return this.#text('bot-token')
  }
  appToken(): Promise<string> {
    return this.#text('app-token')
  }

  async again(): Promise<boolean> {
    if (this.#ttlMs === Number.POSITIVE_INFINITY || this.#now() - this.#triedAt < AGAIN_MS) return false
    await this.#renewed()
    return true
  }

  async #text(name: string): Promise<string> {
    const text = (await this.#texts())[name]
    if (text) return text
    throw drError('CONFIG_INVALID', { faults: [`${name} is not in ${this.#where}`] })
  }

  async #texts(): Promise<Texts> {
    const kept = this.#kept
    if (!kept) return this.#renewed()
    const isGood = this.#now() - kept.at < this.#ttlMs || this.#now() - this.#triedAt < AGAIN_MS
    return isGood ? kept.texts : this.#renewed()
  }

  /** Those who ask at the same time share one reading. */
  #renewed(): Promise<Texts> {
    this.#reading ??= this.#fetched().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #fetched(): Promise<Texts> {
    this.#triedAt = this.#now()
    try {
      const texts = await this.#read()
      this.#kept = { texts, at: this.#now() }
      return texts
    } catch (error) {
      if (!this.#kept) throw error
      const { at, texts } = this.#kept
      const age = Math.round((this.#now() - at) / 1000)
      this.#log('warn', 'the secrets could not be read again; those known are used', { age, error })
      return texts
    }
  }
}
