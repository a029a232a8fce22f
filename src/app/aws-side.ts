import type { Caller, SignedCaller } from '../aws/caller.ts'
import type { ClientOptions } from '../aws/clients.ts'
import type { Fetch } from '../aws/probe.ts'
import type { Clock } from '../engine/ports.ts'
import type { Outside } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import type { Config } from './config.ts'

/** How AWS and customers' addresses are reached other than over sockets. */
export type Reach = { readonly clients: Omit<ClientOptions, 'people'>; readonly fetch: Fetch }

type Given = { readonly clock: Clock; readonly people: Clock; readonly reach?: Reach }

/** What a bot asks AWS: the outside of its plans, and who signed something. */
export type AwsSide = {
  outside(plan: Plan): Promise<Outside>
  caller(signed: SignedCaller): Promise<Caller>
}

/**
 * The AWS clients of a bot, loaded when they are first needed: what only writes to Slack starts without them. The
 * adapters and the SDK under them are most of a bundle.
 */
export function awsSide({ session, endpoints }: Config, { clock, people, reach }: Given): AwsSide {
  const load = async () => {
    const [{ Clients }, { outside }, { askCaller }] = await Promise.all([
      import('../aws/clients.ts'),
      import('../aws/outside.ts'),
      import('../aws/caller.ts'),
    ])
    const clients = new Clients({
      people,
      ...(session ? { session } : {}),
      ...(reach?.clients ?? (endpoints ? { endpoints, allowForeignEndpoints: true } : {})),
    })
    const fetching = reach ? { fetch: reach.fetch } : {}
    return {
      outside: (plan: Plan) => outside({ plan, clients, clock, people, ...fetching }),
      caller: (signed: SignedCaller) => askCaller(clients, signed),
    }
  }
  let loaded: ReturnType<typeof load> | undefined
  const side = () => (loaded ??= load())
  return {
    outside: async (plan) => (await side()).outside(plan),
    caller: async (signed) => (await side()).caller(signed),
  }
}
