import { NodeHttpHandler } from '@smithy/node-http-handler'
import { onlyAws } from './endpoints.ts'

/** Where a service is that the bot itself lives on. `endpoint`: for rehearsals; absent, AWS's own and no other. */
export type OwnPlace = { readonly region?: string; readonly endpoint?: string }

/** Milliseconds. Whoever waits for the bot waits three seconds in all. */
const LIMITS = { connectionTimeout: 500, requestTimeout: 1_500, socketTimeout: 1_500 }

/** How a client of the bot's own services is made: quick to give up, as often tried as `maxAttempts` says. */
export const ownConfig = ({ region, endpoint }: OwnPlace, maxAttempts = 2) => ({
  ...(region ? { region } : {}),
  maxAttempts,
  retryMode: 'standard' as const,
  requestHandler: new NodeHttpHandler({ ...LIMITS, throwOnRequestTimeout: true }),
  ...(endpoint ? { endpoint } : {}),
})

type Guarded = {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => unknown) => (args: never) => unknown,
      options: { step: 'build'; name: string },
    ): void
  }
}

/** The SDK also takes endpoints from the environment and from files: unless one was given, requests go to AWS only. */
export function guarded<C>(client: C, { endpoint }: OwnPlace): C {
  if (endpoint) return client
  const { middlewareStack } = client as Guarded
  middlewareStack.add(
    (next) => (args) => {
      onlyAws((args as { request: { hostname: string } }).request.hostname, 'a request of the bot')
      return next(args)
    },
    { step: 'build', name: 'refuseForeignHosts' },
  )
  return client
}
