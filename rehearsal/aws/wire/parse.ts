import { dialects, fromDocument, parseCbor, parseJson } from './document.ts'
import { WireError } from './failure.ts'
import type { WireRequest } from './http.ts'
import { readQuery } from './query.ts'
import { matchRoute, readRest } from './rest.ts'
import type { Operation, Struct } from './schema.ts'
import type { Protocol, Service } from './service.ts'

/** Which operation a request asks for, in which protocol. */
export type Parsed = {
  readonly service: Service
  readonly operation: Operation
  readonly protocol: Protocol
  readonly jsonVersion?: string
  /** Decodes the input. */
  read(): Struct
}

/** What the request's signature says; empty when it has none. */
export type Scope = { readonly accessKeyId: string; readonly region: string; readonly signingName: string }

export function scopeOf(request: WireRequest): Scope {
  const credential = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/
  const [, accessKeyId = '', region = '', signingName = ''] =
    credential.exec(request.headers.authorization ?? '') ?? []
  return { accessKeyId, region, signingName }
}

/** Finds out what is asked. Throws a `WireError` that names the operation nobody knows. */
export function parseRequest(
  request: WireRequest,
  services: readonly Service[],
  signingName: string,
): Parsed {
  const signed = services.filter((service) => !signingName || service.signingName === signingName)
  return (
    parseCborRpc(request, services) ??
    parseJsonRpc(request, services) ??
    parseQuery(request, signed) ??
    parseRest(request, signed)
  )
}

function parseCborRpc(request: WireRequest, services: readonly Service[]): Parsed | undefined {
  const path = /^\/service\/(\w+)\/operation\/(\w+)$/.exec(request.path)
  if (!path || request.headers['smithy-protocol'] !== 'rpc-v2-cbor') return undefined
  const [, target = '', name = ''] = path
  const found = find(byTarget(services, target), name, 'UnknownOperationException')
  return {
    ...found,
    protocol: 'rpcv2Cbor',
    read: () => fromDocument(found.operation.input, parseCbor(request.body), dialects.cbor) as Struct,
  }
}

function parseJsonRpc(request: WireRequest, services: readonly Service[]): Parsed | undefined {
  const header = request.headers['x-amz-target']
  if (header === undefined) return undefined
  const [target = '', name = ''] = header.split('.')
  const found = find(byTarget(services, target), name, 'UnknownOperationException')
  return {
    ...found,
    protocol: 'awsJson',
    jsonVersion: /json-(1\.[01])/.exec(request.headers['content-type'] ?? '')?.[1] ?? '1.1',
    read: () => fromDocument(found.operation.input, parseJson(request.body), dialects.rpcJson) as Struct,
  }
}

/** `Action` and `Version` in a form, or in the query string of a GET. */
function parseQuery(request: WireRequest, services: readonly Service[]): Parsed | undefined {
  const posted = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  const form = new URLSearchParams(
    posted ? Buffer.from(request.body).toString() : (request.query as Record<string, string>),
  )
  const action = form.get('Action')
  if (action === null) return undefined
  const service = services.find((each) => each.version === form.get('Version')) ?? services[0]
  const found = find(service, action, 'InvalidAction')
  return { ...found, protocol: 'awsQuery', read: () => readQuery(found.operation.input, form) }
}

function parseRest(request: WireRequest, services: readonly Service[]): Parsed {
  for (const service of services) {
    const format = service.protocol
    if (format !== 'restJson' && format !== 'restXml') continue
    for (const route of service.routes) {
      const labels = matchRoute(route, request)
      if (!labels) continue
      const { operation } = route
      return {
        service,
        operation,
        protocol: format,
        read: () => readRest(operation.input, format, request, labels),
      }
    }
  }
  throw new WireError(
    'UnknownOperationException',
    `There is no operation at ${request.method} ${request.path}.`,
    404,
  )
}

function byTarget(services: readonly Service[], target: string): Service | undefined {
  return services.find((service) => service.target === target)
}

function find(
  service: Service | undefined,
  name: string,
  code: string,
): { service: Service; operation: Operation } {
  const operation = service?.operations.get(name)
  if (service && operation) return { service, operation }
  throw new WireError(code, `The action ${name} is not valid for this web service.`)
}
