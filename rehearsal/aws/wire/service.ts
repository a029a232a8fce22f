import { compileRoute, type Route } from './rest.ts'
import { errorOf, type Operation, operationOf, type Schema } from './schema.ts'

/** What a handler is told about the request besides its input. */
export type Call = {
  /** Region and access key as signed; `us-east-1` and '' for an unsigned request. */
  readonly region: string
  readonly accessKeyId: string
  readonly requestId: string
  /** The SDK's service id (`RDS`, `Route 53`) and the operation's name. */
  readonly service: string
  readonly operation: string
  readonly headers: Readonly<Record<string, string>>
  /** The decoded input, untyped. */
  readonly params: Readonly<Record<string, unknown>>
}

/** The input and output of a client's command class. */
type Io<C> = C extends abstract new (
  ...args: never[]
) => {
  input: infer I
  resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer O }>
}
  ? { input: I; output: Omit<O, '$metadata'> }
  : never

type OperationName<M> = {
  [K in keyof M & string]: K extends `${infer Name}Command` ? (Name extends '' | '$' ? never : Name) : never
}[keyof M & string]

/**
 * What a simulated service can do, typed from the client's module: `Handlers<typeof rds>`. A handler answers the
 * output, or throws the SDK's own exception (`new rds.GlobalClusterNotFoundFault({ message, $metadata: {} })`) or a
 * `WireError`. What has no handler answers `NotImplemented`.
 */
export type Handlers<M> = {
  [Name in OperationName<M>]?: (
    input: Io<M[`${Name}Command` & keyof M]>['input'],
    call: Call,
  ) => Io<M[`${Name}Command` & keyof M]>['output'] | Promise<Io<M[`${Name}Command` & keyof M]>['output']>
}

type UntypedHandler = (input: never, call: Call) => unknown

export type Protocol = 'awsQuery' | 'awsJson' | 'restJson' | 'restXml' | 'rpcv2Cbor'

const protocols: Readonly<Record<string, Protocol>> = {
  'aws.protocols#awsQuery': 'awsQuery',
  'aws.protocols#awsJson1_0': 'awsJson',
  'aws.protocols#awsJson1_1': 'awsJson',
  'aws.protocols#restJson1': 'restJson',
  'aws.protocols#restXml': 'restXml',
  'smithy.protocols#rpcv2Cbor': 'rpcv2Cbor',
}

type ProtocolSettings = {
  version?: string
  xmlNamespace?: string
  serviceTarget?: string
  awsQueryCompatible?: boolean
}
type ClientClass = new (config: {
  region: string
}) => {
  readonly config: {
    readonly serviceId: string
    readonly protocol: { getShapeId(): string }
    readonly protocolSettings: object
  }
}

/** One AWS API with its operations, routes and errors, indexed from the SDK client's own schemas. */
export class Service {
  /** The SDK's service id: `RDS`, `Route 53`. */
  readonly id: string
  readonly signingName: string
  readonly protocol: Protocol
  readonly version: string
  readonly xmlNamespace: string
  readonly target: string
  readonly queryCompatible: boolean
  readonly operations = new Map<string, Operation>()
  readonly errors = new Map<string, Schema>()
  readonly routes: readonly Route[]
  readonly #handlers: Readonly<Record<string, UntypedHandler | undefined>>

  /**
   * @param signingName the service in the credential scope of a signature
   * @param module the client's module: `import * as rds from '@aws-sdk/client-rds'`
   */
  constructor(
    signingName: string,
    module: object,
    Client: ClientClass,
    handlers: Readonly<Record<string, UntypedHandler | undefined>>,
  ) {
    const { config } = new Client({ region: 'us-east-1' })
    const protocol = protocols[config.protocol.getShapeId()]
    if (!protocol)
      throw new Error(`${config.serviceId} speaks ${config.protocol.getShapeId()}, which the wire does not.`)
    const settings = config.protocolSettings as ProtocolSettings
    this.id = config.serviceId
    this.signingName = signingName
    this.protocol = protocol
    this.version = settings.version ?? ''
    this.xmlNamespace = settings.xmlNamespace ?? ''
    this.target = settings.serviceTarget ?? ''
    this.queryCompatible = settings.awsQueryCompatible ?? false
    this.#handlers = handlers
    for (const exported of Object.values(module)) {
      const operation = operationOf(exported)
      if (operation) this.operations.set(operation.name, operation)
      const error = errorOf(exported)
      if (error) this.errors.set(error.name, error.schema)
    }
    this.routes = [...this.operations.values()].flatMap(compileRoute).sort(mostSpecificFirst)
    const unknown = Object.keys(handlers).find((name) => !this.operations.has(name))
    if (unknown) throw new Error(`${this.id} has no operation ${unknown}.`)
  }

  handler(operation: string): UntypedHandler | undefined {
    return this.#handlers[operation]
  }

  /** The operations that have a handler. */
  implemented(): string[] {
    return [...this.operations.keys()].filter((name) => this.#handlers[name]).sort()
  }
}

function mostSpecificFirst(a: Route, b: Route): number {
  return b.query.length - a.query.length || b.fixedLength - a.fixedLength
}
