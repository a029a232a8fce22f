import type { Look, Outside, ProbeFacts } from '../flows/world.ts'
import { look } from './look.ts'
import type { Site } from './site.ts'

export type Fetch = (url: string, options: { readonly signal: AbortSignal }) => Promise<Response>

/** HTTP requests as a customer makes them; the runtime takes them through a proxy where the environment says so. */
export function probe(site: Site, fetch: Fetch): Outside['probe'] {
  const { stack, public: everybody } = site.plan.probes

  function ask(url: string): Promise<Look<ProbeFacts>> {
    return look(site.clocks, url, async ({ abortSignal }) => {
      const begun = site.clocks.people.now()
      const response = await fetched(fetch, url, abortSignal)
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

  return { stack: (side) => ask(stack[side]), public: () => ask(everybody) }
}

/** `fetch` hides a socket's error in the cause of its own. */
async function fetched(fetch: Fetch, url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal })
  } catch (error) {
    throw error instanceof TypeError && error.cause ? error.cause : error
  }
}
