import type { HeartbeatFacts, OrAbsent, Outside } from '../flows/world.ts'
import { look } from './look.ts'
import { type Fetch, fetched } from './probe.ts'
import type { Site } from './site.ts'

/** A row's time takes a hundred bytes or so; whatever is longer is no heartbeat. */
const MOST_BYTES = 4_096
/** A time must say its zone, or it means another moment elsewhere. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** HTTP: the newest heartbeat row that a side's database has, through the user's own endpoint there. */
export function heartbeat(site: Site, fetch: Fetch): Outside['heartbeat'] {
  const urls = site.plan.heartbeat
  return {
    read: (side) =>
      look(site.clocks, urls?.[side] ?? 'heartbeat', async (budget): Promise<OrAbsent<HeartbeatFacts>> => {
        if (!urls) return 'absent'
        // A redirect may lead to the other side, whose rows prove nothing about this one.
        const options = { signal: budget.abortSignal, redirect: 'manual' } as const
        const response = await fetched(fetch, urls[side], options)
        if (!response.ok) {
          await response.body?.cancel()
          throw refused(response.status)
        }
        return rowIn(await textOf(response))
      }),
  }
}

/** `null` says that the table has no row; nothing else does. */
function rowIn(text: string): HeartbeatFacts {
  const { writtenAt } = (parsed(text) ?? {}) as { readonly writtenAt?: unknown }
  if (writtenAt === null) return 'none'
  const at = typeof writtenAt === 'string' && isoTime.test(writtenAt) ? Date.parse(writtenAt) : Number.NaN
  if (Number.isNaN(at)) throw unreadable('it answered no `{"writtenAt": "<ISO time>"}`')
  return { writtenAt: at }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable('it answered no JSON')
  }
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) throw unreadable(`it answered more than ${MOST_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

const unreadable = (message: string): Error => Object.assign(new Error(message), { name: 'NotAHeartbeat' })

/** Told like an error of AWS's, so that 403 is a denial and 429 a throttle. */
const refused = (status: number): Error =>
  Object.assign(new Error(`it answered ${status}`), {
    name: `HTTP ${status}`,
    $metadata: { httpStatusCode: status },
  })
