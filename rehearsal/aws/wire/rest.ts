import { dialects, fromDocument, parseJson, toDocument } from './document.ts'
import type { WireRequest } from './http.ts'
import { fromText, timestamps, toText } from './scalar.ts'
import { membersOf, type Operation, type Schema, type Struct } from './schema.ts'
import { readXml, xmlElement, xmlMembers } from './xml.ts'

/** Where a REST operation lives: method, path with labels, and the literal query parameters it is told apart by. */
export type Route = {
  readonly operation: Operation
  readonly method: string
  readonly path: RegExp
  readonly labels: readonly string[]
  readonly query: readonly (readonly [name: string, value: string | undefined])[]
  /** Characters of the path that are not labels: longer is more specific. */
  readonly fixedLength: number
}

/** The operation's route; none for an operation of an RPC protocol. */
export function compileRoute(operation: Operation): Route[] {
  if (!operation.http) return []
  const [method, template] = operation.http
  const [path = '', query] = template.split('?')
  const labels: string[] = []
  const pattern = path.replace(/\{(\w+)(\+?)\}/g, (_, label: string, greedy: string) => {
    labels.push(label)
    return greedy ? '(.+)' : '([^/]+)'
  })
  return [
    {
      operation,
      method,
      path: new RegExp(`^${pattern}/?$`),
      labels,
      query: (query ? query.split('&') : []).map(literal),
      fixedLength: path.replace(/\{.*?\}/g, '').length,
    },
  ]
}

function literal(parameter: string): readonly [string, string | undefined] {
  const [name = '', value] = parameter.split('=')
  return [name, value]
}

/** The labels' values if the request is on this route. */
export function matchRoute(route: Route, request: WireRequest): Struct | undefined {
  if (route.method !== request.method) return undefined
  const told = route.query.every(([name, value]) =>
    value === undefined ? name in request.query : request.query[name] === value,
  )
  const found = told ? route.path.exec(request.path) : undefined
  if (!found) return undefined
  return Object.fromEntries(route.labels.map((label, i) => [label, decodeURIComponent(found[i + 1] ?? '')]))
}

export type RestFormat = 'restJson' | 'restXml'

/** An operation's input from path, query string, headers and body. */
export function readRest(schema: Schema, format: RestFormat, request: WireRequest, labels: Struct): Struct {
  const members = membersOf(schema)
  const input: Record<string, unknown> = { ...readBody(schema, members, format, request.body) }
  for (const [name, member] of members) {
    const raw = readBound(member, request, labels[name])
    if (raw === undefined) continue
    input[name] = member.isListSchema()
      ? [raw].flat().map((each) => fromText(member.getValueSchema(), each))
      : fromText(member, [raw].flat()[0] ?? '')
  }
  return input
}

function readBound(member: Schema, request: WireRequest, label: unknown): string | string[] | undefined {
  const traits = member.getMergedTraits()
  if (traits.httpLabel) return label as string
  if (traits.httpQuery) return request.query[traits.httpQuery]
  if (traits.httpHeader) return request.headers[traits.httpHeader.toLowerCase()]
  return undefined
}

function readBody(schema: Schema, members: [string, Schema][], format: RestFormat, body: Uint8Array): Struct {
  const read = (of: Schema) =>
    format === 'restXml' ? readXml(of, body) : fromDocument(of, parseJson(body), dialects.restJson)
  const payload = members.find(([, member]) => member.getMergedTraits().httpPayload)
  if (payload) {
    const [name, member] = payload
    return { [name]: member.isStructSchema() ? read(member) : body }
  }
  return body.length && members.some(([, member]) => inBody(member)) ? (read(schema) as Struct) : {}
}

/** Whether the member travels in the body rather than in the path, the query string, a header or the status. */
function inBody(member: Schema): boolean {
  const traits = member.getMergedTraits()
  return !(
    traits.httpLabel ||
    traits.httpQuery ||
    traits.httpHeader ||
    traits.httpResponseCode ||
    traits.httpPayload
  )
}

export type RestResponse = {
  status: number
  headers: Record<string, string>
  contentType: string
  body: string | Uint8Array
}

/** An operation's output as status, headers and body. */
export function writeRest(
  operation: Operation,
  format: RestFormat,
  output: Struct,
  namespace: string,
): RestResponse {
  const members = membersOf(operation.output)
  const headers: Record<string, string> = {}
  let status = operation.http?.[2] ?? 200
  for (const [name, member] of members) {
    const { httpHeader, httpResponseCode } = member.getMergedTraits()
    if (output[name] == null) continue
    if (httpHeader) headers[httpHeader.toLowerCase()] = toText(member, output[name], timestamps.httpDate)
    if (httpResponseCode) status = output[name] as number
  }
  return { status, headers, ...writeBody(operation.output, members, format, output, namespace) }
}

function writeBody(
  schema: Schema,
  members: [string, Schema][],
  format: RestFormat,
  output: Struct,
  namespace: string,
): Pick<RestResponse, 'contentType' | 'body'> {
  const payload = members.find(([, member]) => member.getMergedTraits().httpPayload)
  const [of, value] = payload ? [payload[1], output[payload[0]]] : [schema, output]
  if (payload && !of.isStructSchema())
    return { contentType: 'application/octet-stream', body: (value as Uint8Array | undefined) ?? '' }
  if (format === 'restJson') {
    const body = members.length ? JSON.stringify(toDocument(of, value, dialects.restJson, inBody) ?? {}) : ''
    return { contentType: 'application/json', body }
  }
  const name = of.getName() ?? ''
  const element = payload
    ? xmlElement(of, name, value)
    : `<${name}>${xmlMembers(of, output, inBody)}</${name}>`
  const rooted = element.replace(/^<([\w:]+)/, `<$1 xmlns="${namespace}"`)
  return { contentType: 'text/xml', body: members.length ? `<?xml version="1.0"?>\n${rooted}` : '' }
}
