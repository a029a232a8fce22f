import { throttled } from './refusals.ts'
import type { Call } from './wire/service.ts'

/** Calls at once, and calls a second (of the world) that are given back. */
type Limit = { readonly burst: number; readonly perSecond: number }

const usual: Limit = { burst: 100, perSecond: 20 }

/** By service, or service and operation. A bucket is an account's, a region's and an operation's own. */
const limits: Readonly<Record<string, Limit>> = {
  'Route 53': { burst: 50, perSecond: 10 },
  'Elastic Load Balancing v2': { burst: 40, perSecond: 10 },
  'ECS UpdateService': { burst: 50, perSecond: 5 },
  'ECS DescribeClusters': { burst: 50, perSecond: 20 },
  Lambda: { burst: 1000, perSecond: 200 },
  CloudWatch: { burst: 100, perSecond: 50 },
}

/** Token buckets. They are not saved: a new start finds them full. */
export class Throttles {
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  /** Takes one token at `now` (ms of the world), or throws the service's word for too many requests. */
  take(call: Call, account: string, now: number): void {
    const limit = limits[`${call.service} ${call.operation}`] ?? limits[call.service] ?? usual
    const key = `${account} ${call.region} ${call.service} ${call.operation}`
    const bucket = this.#buckets.get(key) ?? { tokens: limit.burst, at: now }
    const refilled = bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * limit.perSecond
    const tokens = Math.min(limit.burst, refilled)
    if (tokens < 1) throw throttled(call)
    this.#buckets.set(key, { tokens: tokens - 1, at: now })
  }
}
