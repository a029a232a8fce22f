import * as z from 'zod'
import type { HeartbeatFacts, OrAbsent, Outside } from '../flows/world.ts'
import { look } from './look.ts'
import { type Fetch, fetched } from './probe.ts'
import type { Site } from './site.ts'

/** A row's time takes a hundred bytes or so; whatever is longer is no heartbeat. */
const MOST_BYTES = 4_096
/** `null`: the table has no row. A time must say its zone, or it means another moment elsewhere. */
const Body = z.object({ writtenAt: z.iso.datetime({ offset: true }).nullable() })

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

function rowIn(text: string): HeartbeatFacts {
  const body = Body.safeParse(parsed(text))
  if (!body.success) throw unreadable('it answered no `{"writtenAt": "<ISO time>"}`')
  const { writtenAt } = body.data
  return writtenAt === null ? 'none' : { writtenAt: Date.parse(writtenAt) }
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
