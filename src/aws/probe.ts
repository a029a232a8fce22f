import type { Look, Outside, ProbeFacts } from '../flows/world.ts'
import { look } from './look.ts'
import type { Site } from './site.ts'

export type Fetch = (url: string, options: Options) => Promise<Response>
type Options = { readonly signal: AbortSignal; readonly redirect?: 'manual' }

/** HTTP requests as a customer makes them; the runtime takes them through a proxy where the environment says so. */
export function probe(site: Site, fetch: Fetch): Outside['probe'] {
  const { stack, public: everybody } = site.plan.probes

  function ask(url: string, options: Omit<Options, 'signal'>): Promise<Look<ProbeFacts>> {
    return look(site.clocks, url, async ({ abortSignal }) => {
      const begun = site.clocks.people.now()
      const response = await fetched(fetch, url, { ...options, signal: abortSignal })
      const ms = site.clocks.people.now() - begun
      await response.body?.cancel()
      return {
        healthy: response.ok,
        status: response.status,
        ms,
        detail: `${url} answered ${response.status} in ${ms} ms`,
      }
    })
  }

  // A redirect may lead to the other side, which proves nothing about this one.
  return { stack: (side) => ask(stack[side], { redirect: 'manual' }), public: () => ask(everybody, {}) }
}

/** Asks, and rejects with the error of the socket, which `fetch` hides in the cause of its own. */
export async function fetched(fetch: Fetch, url: string, options: Options): Promise<Response> {
  try {
    return await fetch(url, options)
  } catch (error) {
    throw error instanceof TypeError && error.cause ? error.cause : error
  }
}
