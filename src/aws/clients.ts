import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CodeBuildClient } from '@aws-sdk/client-codebuild'
import { ECSClient } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { RDSClient, type RDSClientConfig } from '@aws-sdk/client-rds'
import { Route53Client } from '@aws-sdk/client-route-53'
import { STSClient } from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { drError } from '../engine/errors.ts'
import type { Clock } from '../engine/ports.ts'
import type { Plan } from '../plan/schema.ts'
import { type Credentials, credentialsFor } from './credentials.ts'
import { onlyAws } from './endpoints.ts'
import { type Patience, wallPatience } from './patience.ts'
import { recording } from './recorder.ts'
import { RUNNING, type Session } from './session.ts'

/**
 * `probe` looks, and gives up within a look's deadline. `act` is for acts: patient, and tries again. `once` is for the
 * changes that must never be sent twice by a library: it tries once.
 */
export type Profile = 'probe' | 'act' | 'once'
export type Account = Plan['accounts']['workload']

type Limits = {
  readonly connectionTimeout: number
  readonly requestTimeout: number
  readonly socketTimeout: number
}
/** Milliseconds. `requestTimeout` ends at the headers, so a stalled body needs `socketTimeout` as well. */
const limits: Readonly<Record<Profile, Limits>> = {
  probe: { connectionTimeout: 400, requestTimeout: 1_200, socketTimeout: 1_200 },
  act: { connectionTimeout: 1_000, requestTimeout: 5_000, socketTimeout: 5_000 },
  once: { connectionTimeout: 1_000, requestTimeout: 5_000, socketTimeout: 5_000 },
}
const attempts: Readonly<Record<Profile, number>> = { probe: 1, act: 5, once: 1 }

type RequestHandler = NonNullable<RDSClientConfig['requestHandler']>

export type ClientOptions = {
  /** People's time: credentials expire by it. */
  readonly people: Pick<Clock, 'now'>
  /** What deadlines of calls run on; absent: the wall's time. */
  readonly patience?: Patience
  /** Region to URL; `route53` or `aws-global` for Route 53, `shared` for what is not listed. Absent: AWS's own. */
  readonly endpoints?: Readonly<Record<string, string>>
  /** Lets requests go to hosts that are not AWS's: for rehearsals and tests. */
  readonly allowForeignEndpoints?: boolean
  /** Carries the requests instead of sockets: for tests in one process. */
  readonly requestHandler?: (
    wire: Limits & { readonly service: string; readonly region: string; readonly profile: Profile },
  ) => RequestHandler
  /** How the pauses between tries are waited out, for so many tries; absent: the SDK's own way, on the wall. */
  readonly retries?: (attempts: number) => NonNullable<RDSClientConfig['retryStrategy']>
  /** The bot's own credentials; absent: the SDK's provider chain. */
  readonly credentials?: Credentials
  /** As whom roles are assumed; absent: as one who may act. */
  readonly session?: Session
}

type Common = {
  readonly region: string
  readonly maxAttempts: number
  readonly retryMode: 'standard'
  readonly retryStrategy?: NonNullable<RDSClientConfig['retryStrategy']>
  readonly requestHandler: RequestHandler
  readonly credentials?: Credentials
  readonly endpoint?: string
}

const makers = {
  rds: (config: Common) => new RDSClient(config),
  ecs: (config: Common) => new ECSClient(config),
  scaling: (config: Common) => new ApplicationAutoScalingClient(config),
  elb: (config: Common) => new ElasticLoadBalancingV2Client(config),
  cloudwatch: (config: Common) => new CloudWatchClient(config),
  codebuild: (config: Common) => new CodeBuildClient(config),
  gateway: (config: Common) => new ApiGatewayV2Client(config),
  sts: (config: Common) => new STSClient(config),
  route53: (config: Common) => new Route53Client(config),
}
export type ServiceName = keyof typeof makers
type ClientOf<S extends ServiceName> = ReturnType<(typeof makers)[S]>
/** Where a client works, as whom, and through which regions' STS it may become that; the first to answer counts. */
export type Place = {
  readonly region: string
  readonly profile: Profile
  readonly account: Account
  readonly stsRegions: readonly string[]
}

/**
 * All AWS clients of a process: one per service, region, profile and identity, made when first asked for, never one
 * for two regions. Throws CONFIG_INVALID for endpoints that are not allowed or missing.
 */
export class Clients {
  readonly #options: ClientOptions
  readonly patience: Patience
  readonly #clients = new Map<string, ClientOf<ServiceName>>()
  readonly #handlers = new Map<string, NodeHttpHandler>()
  readonly #assumed = new Map<string, Credentials>()
  #own: Credentials | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.patience = options.patience ?? wallPatience
    this.#own = options.credentials
    const { endpoints = {}, allowForeignEndpoints } = options
    if (!allowForeignEndpoints)
      for (const [name, url] of Object.entries(endpoints)) onlyAws(new URL(url).hostname, `endpoint ${name}`)
  }

  /** The client of a service at a place, as the place's account. */
  of<S extends ServiceName>(service: S, place: Place): ClientOf<S> {
    const { region, profile, account, stsRegions } = place
    const key = [service, region, profile, account.role ?? '', account.externalId ?? '', ...stsRegions].join()
    return this.#once(key, () => this.#make(service, region, profile, this.#as(account, stsRegions)))
  }

  /** Where a region's STS is, and what carries requests there that somebody else has signed. `url`: on AWS itself. */
  carrier(region: string, url: string): { readonly url: URL; readonly handler: RequestHandler } {
    const handler = this.#handler('sts', region, 'act')
    return { url: new URL(this.#endpoint('sts', region) ?? url), handler }
  }

  /** Ends all keep-alive connections. */
  close(): void {
    for (const client of this.#clients.values()) client.destroy()
    for (const handler of this.#handlers.values()) handler.destroy()
  }

  #as(account: Account, stsRegions: readonly string[]): Credentials | undefined {
    if (!account.role) return this.#chain(stsRegions[0] as string)
    const key = [account.role, account.externalId ?? '', ...stsRegions].join()
    const known = this.#assumed.get(key)
    if (known) return known
    const sts = stsRegions.map((region) => ({
      region,
      client: this.#once<'sts'>(`sts,${region}`, () =>
        this.#make('sts', region, 'probe', this.#chain(region)),
      ),
    }))
    const { people, session = RUNNING } = this.#options
    const assumed = { role: account.role, externalId: account.externalId, session }
    const made = credentialsFor(assumed, sts, people, this.patience)
    this.#assumed.set(key, made)
    return made
  }

  /** One provider chain for all clients, so that it is walked once and not once a client. */
  #chain(region: string): Credentials {
    this.#own ??= this.#make('sts', region, 'probe', undefined).config.credentials
    return this.#own
  }

  #once<S extends ServiceName>(key: string, make: () => ClientOf<S>): ClientOf<S> {
    const known = this.#clients.get(key) as ClientOf<S> | undefined
    if (known) return known
    const client = make()
    this.#clients.set(key, client)
    return client
  }

  #make<S extends ServiceName>(service: S, region: string, profile: Profile, as?: Credentials): ClientOf<S> {
    const endpoint = this.#endpoint(service, region)
    const client = makers[service]({
      region,
      maxAttempts: attempts[profile],
      retryMode: 'standard',
      requestHandler: this.#handler(service, region, profile),
      ...(this.#options.retries ? { retryStrategy: this.#options.retries(attempts[profile]) } : {}),
      ...(as ? { credentials: as } : {}),
      ...(endpoint ? { endpoint } : {}),
    }) as ClientOf<S>
    if (!this.#options.allowForeignEndpoints) refuseForeign(client)
    if (profile !== 'probe') recording(client, region)
    return client
  }

  #endpoint(service: ServiceName, region: string): string | undefined {
    const { endpoints } = this.#options
    if (!endpoints) return undefined
    const own = service === 'route53' ? (endpoints.route53 ?? endpoints['aws-global']) : endpoints[region]
    const url = own ?? endpoints.shared
    if (url) return url
    throw drError('CONFIG_INVALID', {
      faults: [`endpoints are given, and none is for ${service} in ${region}`],
    })
  }

  /** Connections are shared by the clients of a region and profile; Route 53, which has no region, has its own. */
  #handler(service: ServiceName, region: string, profile: Profile): RequestHandler {
    const limit = limits[profile]
    if (this.#options.requestHandler)
      return this.#options.requestHandler({ ...limit, service, region, profile })
    const key = `${service === 'route53' ? 'route53' : region},${profile}`
    const known = this.#handlers.get(key)
    if (known) return known
    const handler = new NodeHttpHandler({ ...limit, throwOnRequestTimeout: true })
    this.#handlers.set(key, handler)
    return handler
  }
}

/** The SDK also takes endpoints from the environment and from files, so every request's host is looked at. */
function refuseForeign(client: ClientOf<ServiceName>): void {
  const { middlewareStack } = client as RDSClient
  middlewareStack.add(
    (next) => (args) => {
      onlyAws((args.request as { hostname: string }).hostname, 'an AWS request')
      return next(args)
    },
    { step: 'build', name: 'refuseForeignHosts' },
  )
}
