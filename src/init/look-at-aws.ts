import { Clients } from '../aws/clients.ts'
import type { Found } from './facts.ts'
import { gather } from './gather.ts'
import type { Wish } from './wish.ts'

/** A rehearsal's endpoints by region, with its keys. */
export type Simulated = {
  readonly endpoints: Readonly<Record<string, string>>
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Looks at AWS with the SDK's own settings, or at a rehearsal; see `gather`. */
export async function lookAtAws(wish: Wish, simulated?: Simulated): Promise<Found> {
  const people = { now: () => Date.now() }
  const clients = new Clients({ ...(simulated ? { ...simulated, allowForeignEndpoints: true } : {}), people })
  try {
    return await gather(wish, clients)
  } finally {
    clients.close()
  }
}
