import { dialects, toDocument, writeCbor } from './document.ts'
import type { WireResponse } from './http.ts'
import type { Schema, Struct } from './schema.ts'
import type { Protocol, Service } from './service.ts'
import { escapeXml, xmlMembers } from './xml.ts'

/** An error that no service model declares: Throttling, AccessDenied, InternalFailure … */
export class WireError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'WireError'
    this.code = code
    this.status = status
  }
}

/** In whose language the error is to be told. */
export type Audience = {
  readonly protocol: Protocol
  readonly requestId: string
  readonly service?: Service
  /** Of awsJson. */
  readonly jsonVersion?: string
}

type Failure = {
  /** The shape's name, which JSON and CBOR carry, and the code, which XML carries. */
  readonly name: string
  readonly code: string
  readonly status: number
  readonly message: string
  readonly modelled: { schema: Schema; members: Struct } | undefined
}

/** Whether it is neither a `WireError` nor modelled by the service, so that a handler is at fault. */
export function isDefect(thrown: unknown, service: Service | undefined): boolean {
  return !(thrown instanceof WireError || (thrown instanceof Error && service?.errors.has(thrown.name)))
}

/** The response for whatever a handler threw; what is neither modelled nor a `WireError` is an InternalFailure. */
export function writeFailure(thrown: unknown, audience: Audience): WireResponse {
  const failure = describe(thrown, audience.service)
  const { status: statusCode } = failure
  const headers: Record<string, string> = { 'x-amzn-requestid': audience.requestId }
  if (audience.protocol === 'awsQuery' || audience.protocol === 'restXml') {
    headers['content-type'] = 'text/xml'
    return { statusCode, headers, body: xmlFailure(failure, audience) }
  }
  if (audience.service?.queryCompatible) headers['x-amzn-query-error'] = `${failure.code};${side(failure)}`
  if (audience.protocol === 'rpcv2Cbor') {
    headers['smithy-protocol'] = 'rpc-v2-cbor'
    headers['content-type'] = 'application/cbor'
    return { statusCode, headers, body: writeCbor(document(failure, 'cbor')) }
  }
  if (audience.protocol === 'restJson') {
    headers['x-amzn-errortype'] = failure.name
    headers['content-type'] = 'application/json'
    return { statusCode, headers, body: JSON.stringify(document(failure, 'restJson')) }
  }
  headers['content-type'] = `application/x-amz-json-${audience.jsonVersion ?? '1.1'}`
  return { statusCode, headers, body: JSON.stringify(document(failure, 'rpcJson')) }
}

function describe(thrown: unknown, service: Service | undefined): Failure {
  if (thrown instanceof WireError)
    return {
      name: thrown.code,
      code: thrown.code,
      status: thrown.status,
      message: thrown.message,
      modelled: undefined,
    }
  const schema = thrown instanceof Error ? service?.errors.get(thrown.name) : undefined
  if (!schema || !(thrown instanceof Error))
    return {
      name: 'InternalFailure',
      code: 'InternalFailure',
      status: 500,
      message: String(thrown),
      modelled: undefined,
    }
  const traits = schema.getMergedTraits()
  const [code, status] = (traits.awsQueryError as [string, number] | undefined) ?? []
  return {
    name: thrown.name,
    code: code ?? thrown.name,
    status: status ?? (traits.httpError as number | undefined) ?? (traits.error === 'client' ? 400 : 500),
    message: thrown.message,
    modelled: { schema, members: { ...thrown, message: undefined, Message: undefined } },
  }
}

function side(failure: Failure): string {
  return failure.status < 500 ? 'Sender' : 'Receiver'
}

function xmlFailure(failure: Failure, { service, requestId }: Audience): string {
  const details = failure.modelled ? xmlMembers(failure.modelled.schema, failure.modelled.members) : ''
  const message = escapeXml(failure.message)
  const error = `<Error><Type>${side(failure)}</Type><Code>${failure.code}</Code><Message>${message}</Message>${details}</Error>`
  const namespace = service?.xmlNamespace ?? ''
  return `<?xml version="1.0"?>\n<ErrorResponse xmlns="${namespace}">${error}<RequestId>${requestId}</RequestId></ErrorResponse>`
}

function document({ name, message, modelled }: Failure, dialect: keyof typeof dialects): Struct {
  const details = modelled ? (toDocument(modelled.schema, modelled.members, dialects[dialect]) as Struct) : {}
  const type = dialect === 'cbor' && modelled ? modelled.schema.getName(true) : name
  return { ...details, message, __type: type }
}
