import { randomUUID } from 'node:crypto'
import { type Audience, isDefect, WireError, writeFailure } from './failure.ts'
import type { WireRequest, WireResponse } from './http.ts'
import { type InProcessOptions, inProcessHandler } from './inprocess.ts'
import { type Parsed, parseRequest, scopeOf } from './parse.ts'
import { requiredMembers, type Struct } from './schema.ts'
import type { Call, Service } from './service.ts'
import { writeSuccess } from './success.ts'

/** Answers requests of any AWS client with the handlers of its services. */
export class Dispatcher {
  readonly #services: readonly Service[]
  readonly #before: (call: Call) => unknown

  /**
   * @param before runs before every handler (faults, throttles, authorisation, the journal): it may throw what a
   *   handler may, take its time, or never settle, in which case the client gets no answer
   */
  constructor(services: readonly Service[], before: (call: Call) => unknown = () => {}) {
    this.#services = services
    this.#before = before
  }

  /** Never rejects: whatever goes wrong is answered as AWS would, a defect of a handler as an InternalFailure. */
  async handle(request: WireRequest): Promise<WireResponse> {
    const requestId = randomUUID()
    const scope = scopeOf(request)
    let audience: Audience = { protocol: 'awsQuery', requestId }
    try {
      const parsed = parseRequest(request, this.#services, scope.signingName)
      audience = { ...parsed, requestId }
      const call: Call = {
        region: scope.region || 'us-east-1',
        accessKeyId: scope.accessKeyId,
        requestId,
        service: parsed.service.id,
        operation: parsed.operation.name,
        headers: request.headers,
        params: decode(parsed),
      }
      await this.#before(call)
      const output = await this.#perform(parsed, call)
      return writeSuccess(parsed, output, requestId)
    } catch (thrown) {
      if (isDefect(thrown, audience.service)) console.error(thrown)
      return writeFailure(thrown, audience)
    }
  }

  /** Tells the client of this request the error without handling it: what a region's front door answers when ill. */
  refuse(request: WireRequest, error: WireError): WireResponse {
    const requestId = randomUUID()
    try {
      const parsed = parseRequest(request, this.#services, scopeOf(request).signingName)
      return writeFailure(error, { ...parsed, requestId })
    } catch {
      return writeFailure(error, { protocol: 'awsQuery', requestId })
    }
  }

  /** The operations that are simulated, by service id (`RDS`, `Route 53`). */
  coverage(): Record<string, string[]> {
    return Object.fromEntries(this.#services.map((service) => [service.id, service.implemented()]))
  }

  /** For `new RDSClient({ requestHandler })`: the client without sockets. */
  requestHandler(options: InProcessOptions = {}) {
    return inProcessHandler((request) => this.handle(request), options)
  }

  async #perform({ service, operation, protocol }: Parsed, call: Call): Promise<Struct> {
    const missing = requiredMembers(operation.input).find((name) => call.params[name] === undefined)
    if (missing)
      throw new WireError(
        protocol === 'awsQuery' ? 'MissingParameter' : 'ValidationException',
        `The request must contain the parameter ${missing}.`,
      )
    const handler = service.handler(operation.name)
    if (!handler)
      throw new WireError('NotImplemented', `${service.id} ${operation.name} is not simulated.`, 501)
    const output = await handler(call.params as never, call)
    return (output ?? {}) as Struct
  }
}

function decode(parsed: Parsed): Struct {
  try {
    return parsed.read() ?? {}
  } catch {
    throw new WireError('SerializationException', `The input of ${parsed.operation.name} cannot be read.`)
  }
}
