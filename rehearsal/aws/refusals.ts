import { WireError } from './wire/failure.ts'
import type { Call } from './wire/service.ts'

export type Refusal = 'throttled' | 'denied' | 'unsigned' | 'unknown-token' | 'expired-token'

type Family = 'xml' | 'json' | 'rest-json'

/** The services that do not speak in the older, XML code words. */
const families: Readonly<Record<string, Family>> = {
  ECS: 'json',
  'Application Auto Scaling': 'json',
  CodeBuild: 'json',
  SSM: 'json',
  'Secrets Manager': 'json',
  ApiGatewayV2: 'rest-json',
  Lambda: 'rest-json',
}

/** The same refusal has a code of its own in each family. */
const codes: Readonly<Record<Refusal, Readonly<Record<Family, string>>>> = {
  throttled: { xml: 'Throttling', json: 'ThrottlingException', 'rest-json': 'TooManyRequestsException' },
  denied: { xml: 'AccessDenied', json: 'AccessDeniedException', 'rest-json': 'AccessDeniedException' },
  unsigned: {
    xml: 'MissingAuthenticationToken',
    json: 'MissingAuthenticationTokenException',
    'rest-json': 'MissingAuthenticationTokenException',
  },
  'unknown-token': {
    xml: 'InvalidClientTokenId',
    json: 'UnrecognizedClientException',
    'rest-json': 'UnrecognizedClientException',
  },
  'expired-token': {
    xml: 'ExpiredToken',
    json: 'ExpiredTokenException',
    'rest-json': 'ExpiredTokenException',
  },
}

/** The error that the call's service answers for a refusal: no API declares these. */
export function refuse({ service }: Pick<Call, 'service'>, refusal: Refusal, message: string): WireError {
  const family = families[service] ?? 'xml'
  const code =
    refusal === 'throttled' && service === 'Elastic Load Balancing v2'
      ? 'ThrottlingException'
      : codes[refusal][family]
  if (refusal === 'throttled') return new WireError(code, message, family === 'rest-json' ? 429 : 400)
  return new WireError(code, message, family === 'json' ? 400 : 403)
}

export const throttled = (call: Pick<Call, 'service'>): WireError =>
  refuse(call, 'throttled', 'Rate exceeded')

/** `who`: an ARN; `action`: `rds:DescribeDBClusters`. */
export const denied = (call: Pick<Call, 'service'>, who: string, action: string): WireError =>
  refuse(call, 'denied', `User: ${who} is not authorized to perform: ${action}`)
