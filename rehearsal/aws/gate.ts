import type { Clock } from '../../src/engine/ports.ts'
import type { Calls, JournalEntry } from './calls.ts'
import { applyFault, befalls } from './faults.ts'
import { routeSwitch } from './outages.ts'
import { denied } from './refusals.ts'
import type { Perform } from './services.ts'
import type { Throttles } from './throttles.ts'
import { WireError } from './wire/failure.ts'
import type { Call } from './wire/service.ts'
import { fits, forbids } from './world/iam.ts'
import { settle } from './world/settle.ts'
import { type Identity, identify } from './world/sts.ts'
import { accounts, type World } from './world/world.ts'

type Parts = {
  readonly world: () => World
  readonly clock: Clock
  readonly wallNow: () => number
  readonly calls: Calls
  readonly throttles: Throttles
}

const never = () => new Promise<never>(() => {})

/** What a call meets before, around and after its handler: outages, identity, throttles, faults; and the journal. */
export class Gate {
  readonly #parts: Parts
  readonly #entries = new WeakMap<Call, JournalEntry>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Over sockets, where a region's outage already showed in its symptoms. */
  readonly before = (call: Call): unknown => this.#watched(call, (entry) => this.#judge(call, entry))

  /** In process, where every outage but `5xx` and `slow` is silence. */
  readonly beforeInProcess = (call: Call): unknown => {
    const kind = this.#settled().outages[placeOf(call)]?.kind
    return this.#watched(call, (entry) => {
      if (kind === '5xx')
        throw new WireError('ServiceUnavailable', 'Service is unable to handle request.', 503)
      if (kind !== undefined && kind !== 'slow') return this.#silence(entry)
      const judged = this.#judge(call, entry)
      return kind === 'slow' ? this.#late(2_000, judged) : judged
    })
  }

  readonly around = (call: Call, perform: Perform): unknown => {
    const world = this.#settled()
    return this.#watched(call, async (entry) => {
      const stale = isRead(call) ? befalls(world, call, ['stale']) : undefined
      const answer = await perform(stale?.past ? (JSON.parse(stale.past) as World) : world)
      this.#parts.calls.performed(entry)
      if (befalls(world, call, ['lost-answer'])) return this.#silence(entry)
      entry.outcome = 'ok'
      return answer
    })
  }

  #settled(): World {
    const world = this.#parts.world()
    settle(world, this.#parts.clock.now())
    return world
  }

  #judge(call: Call, entry: JournalEntry): unknown {
    const world = this.#settled()
    const who = identify(world, call, this.#parts.wallNow())
    authorise(who, call)
    this.#parts.throttles.take(call, who.account, world.now)
    const fault = befalls(world, call, ['mute', 'internal', 'unavailable', 'throttle', 'denied', 'slow'])
    if (!fault) return undefined
    if (fault.kind === 'mute') return this.#silence(entry)
    applyFault(fault, call, who.arn)
    return this.#late(fault.ms ?? 2_000, undefined)
  }

  #silence(entry: JournalEntry): Promise<never> {
    entry.outcome = 'no-answer'
    return never()
  }

  #late(ms: number, answer: unknown): Promise<unknown> {
    return new Promise((resolve) => void this.#parts.clock.after(ms, () => resolve(answer)))
  }

  #entryOf(call: Call): JournalEntry {
    const entry = this.#entries.get(call) ?? this.#parts.calls.add(call, this.#parts.world().now)
    this.#entries.set(call, entry)
    return entry
  }

  /** Notes how it ended. */
  #watched(call: Call, work: (entry: JournalEntry) => unknown): unknown {
    const entry = this.#entryOf(call)
    const failed = (thrown: unknown): never => {
      const { code, name } = thrown as { code?: string; name?: string }
      entry.outcome = code ?? name ?? 'InternalFailure'
      throw thrown
    }
    try {
      const result = work(entry)
      return result instanceof Promise ? result.catch(failed) : result
    } catch (thrown) {
      return failed(thrown)
    }
  }
}

const placeOf = ({ service, region }: Call): string => (service === 'Route 53' ? routeSwitch : region)

const isRead = ({ operation }: Call): boolean => /^(Describe|List|Get|Test)/.test(operation)

/** IAM's names of the services. */
const prefixes: Readonly<Record<string, string>> = {
  RDS: 'rds',
  ECS: 'ecs',
  'Application Auto Scaling': 'application-autoscaling',
  'Elastic Load Balancing v2': 'elasticloadbalancing',
  'Route 53': 'route53',
  CloudWatch: 'cloudwatch',
  ApiGatewayV2: 'apigateway',
  CodeBuild: 'codebuild',
  IAM: 'iam',
  Lambda: 'lambda',
  'Secrets Manager': 'secretsmanager',
  SSM: 'ssm',
  STS: 'sts',
}

/** A role may do what its list says, in its own account; only Route 53 has anything in the dns account. */
function authorise(who: Identity, call: Call): void {
  const { service, operation } = call
  if (service === 'STS' && operation === 'GetCallerIdentity') return
  const action = `${prefixes[service]}:${actionOf(call)}`
  const foreign = who.account === accounts.dns && !['Route 53', 'STS', 'IAM'].includes(service)
  const { role } = who
  const allowed = (role?.allow ?? ['*']).some((pattern) => fits(pattern, action))
  if (foreign || !allowed || (role && forbids(role, action, clusterOf(call))))
    throw denied(call, who.arn, action)
}

/** The cluster a call is about: what is forbidden is forbidden of clusters. */
const clusterOf = ({ region, params }: Call): string =>
  `arn:aws:rds:${region}:${accounts.workload}:cluster:${params.DBClusterIdentifier ?? ''}`

/** Where IAM's name is not the operation's. */
const actionOf = ({ service, operation }: Call): string =>
  service === 'ApiGatewayV2'
    ? 'GET'
    : service === 'Lambda' && operation === 'Invoke'
      ? 'InvokeFunction'
      : operation
