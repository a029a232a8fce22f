import { dialects, toDocument, writeCbor } from './document.ts'
import type { WireResponse } from './http.ts'
import type { Parsed } from './parse.ts'
import { writeRest } from './rest.ts'
import { membersOf, type Struct } from './schema.ts'
import { xmlMembers } from './xml.ts'

/** The response for an operation's output, in the protocol of the request. */
export function writeSuccess(parsed: Parsed, output: Struct, requestId: string): WireResponse {
  const { operation, service, protocol } = parsed
  const schema = operation.output
  const headers: Record<string, string> = { 'x-amzn-requestid': requestId }
  const answer = (contentType: string, body: string | Uint8Array, statusCode = 200): WireResponse => ({
    statusCode,
    headers: { ...headers, 'content-type': contentType },
    body,
  })
  if (protocol === 'awsQuery') return answer('text/xml', queryResponse(parsed, output, requestId))
  const empty = membersOf(schema).length === 0
  if (protocol === 'awsJson') {
    const document = empty ? {} : toDocument(schema, output, dialects.rpcJson)
    return answer(`application/x-amz-json-${parsed.jsonVersion}`, JSON.stringify(document))
  }
  if (protocol === 'rpcv2Cbor') {
    headers['smithy-protocol'] = 'rpc-v2-cbor'
    return answer('application/cbor', empty ? '' : writeCbor(toDocument(schema, output, dialects.cbor)))
  }
  const rest = writeRest(operation, protocol, output, service.xmlNamespace)
  Object.assign(headers, rest.headers)
  return answer(rest.contentType, rest.body, rest.status)
}

function queryResponse({ operation, service }: Parsed, output: Struct, requestId: string): string {
  const { name } = operation
  const result = operation.output.isUnitSchema()
    ? ''
    : `<${name}Result>${xmlMembers(operation.output, output)}</${name}Result>`
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
  return `<${name}Response xmlns="${service.xmlNamespace}">${result}${metadata}</${name}Response>`
}
