import { DrError, drError } from '../engine/errors.ts'
import { NotAssumed } from './credentials.ts'

/** Why a call did not do what it was meant to. */
export type Trouble = {
  readonly why: 'unreachable' | 'denied' | 'throttled' | 'failed'
  /** `refused`: AWS answered, and changed nothing. `not-sent`: nothing left us. `unknown`: it may have been done. */
  readonly outcome: 'refused' | 'not-sent' | 'unknown'
  /** AWS's error code, or the network's. */
  readonly code: string
  readonly message: string
}

/** Errors of the SDK have these, or not: an AbortError has no `$metadata`, a socket's error has a `code`. */
type Thrown = {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
  readonly $response?: { readonly statusCode?: number }
  readonly messages?: readonly string[]
}

const throttles = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'SlowDown',
  'EC2ThrottledException',
  // Not rate limits, but the same advice: another change is under way, ask again shortly.
  'PriorRequestNotComplete',
  'ConcurrentUpdateException',
])
const denials = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'NotAuthorized',
  'NotAuthorizedException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'ExpiredToken',
  'ExpiredTokenException',
  'CredentialsProviderError',
])
/** Failures before anything could be sent. */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
])
const unsentTimeout = 'did not establish a connection'

/** What an error of the SDK, of a socket or of `fetch` means. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof NotAssumed) {
    const { why, code } = troubleOf(error.cause)
    return { why, outcome: 'not-sent', code, message: error.message }
  }
  const thrown = (error ?? {}) as Thrown
  const status = thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode
  const message = [thrown.message || String(error), ...(thrown.messages ?? [])].join(' ')
  // A body that stalls after its headers has a status, and is silence all the same.
  if (status === undefined || isSilence(thrown)) return ofNetwork(thrown, message)
  return { code: thrown.name ?? 'Unknown', message, ...ofStatus(thrown.name ?? '', status) }
}

function ofStatus(name: string, status: number): Pick<Trouble, 'why' | 'outcome'> {
  if (throttles.has(name) || status === 429) return { why: 'throttled', outcome: 'refused' }
  if (denials.has(name) || status === 401 || status === 403) return { why: 'denied', outcome: 'refused' }
  // A 2xx that could not be read was carried out, as far as anybody knows.
  return { why: 'failed', outcome: status >= 400 && status < 500 ? 'refused' : 'unknown' }
}

function ofNetwork(thrown: Thrown, message: string): Trouble {
  const code = thrown.code ?? thrown.name ?? 'Unknown'
  if (denials.has(thrown.name ?? '')) return { why: 'denied', outcome: 'not-sent', code, message }
  if (thrown.name === 'DrError') return { why: 'failed', outcome: 'not-sent', code, message }
  const early = unsent.has(code) || message.includes(unsentTimeout)
  // After several attempts only the last error is known, and an earlier one may have arrived.
  const outcome = early && (thrown.$metadata?.attempts ?? 1) <= 1 ? 'not-sent' : 'unknown'
  return { why: early || isSilence(thrown) ? 'unreachable' : 'failed', outcome, code, message }
}

const silentNames = new Set(['AbortError', 'TimeoutError'])
const silentCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
])
const isSilence = ({ name = '', code = '' }: Thrown): boolean =>
  silentNames.has(name) || silentCodes.has(code) || code.startsWith('UND_ERR')

const clues: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was lost before an answer came',
  EPIPE: 'the connection was lost before an answer came',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was lost before an answer came',
  UND_ERR_SOCKET: 'the connection was lost before an answer came',
  ENOTFOUND: 'its name could not be resolved',
  EAI_AGAIN: 'its name could not be resolved',
  EHOSTUNREACH: 'there is no way to it on the network',
  ENETUNREACH: 'there is no way to it on the network',
}
/** What is known of why there was no answer, in words; nothing where it was plain silence. */
export const clueTo = ({ code }: Trouble): string | undefined => clues[code]

/** What was asked of whom, for the words of an error. */
export type Call = {
  /** As IAM names it: `rds:FailoverGlobalCluster`. */
  readonly name: string
  readonly region: string
  readonly role: string
}

/** The error a person meets when a change could not be made, or may have been. */
export function changeFault(call: Call, error: unknown): DrError {
  if (error instanceof DrError) return error
  const trouble = troubleOf(error)
  const { why, outcome, code, message } = trouble
  if (why === 'throttled') return drError('THROTTLED', { call: call.name, region: call.region }, error)
  if (why === 'denied') return denied(call, error)
  if (outcome === 'unknown')
    return drError(
      'OUTCOME_UNKNOWN',
      { call: `${call.name} in ${call.region}`, why: whyUnknown(trouble) },
      error,
    )
  const refused = outcome === 'refused'
  const words = refused ? message : `nothing was sent: ${message}`
  return drError('ACT_REJECTED', { call: `${call.name} in ${call.region}`, code, why: words }, error)
}

/** A server's error keeps its code: somebody may have to look it up. */
const whyUnknown = (trouble: Trouble): string =>
  trouble.why === 'unreachable' ? `${clueTo(trouble) ?? 'no answer came'}.` : `it ended with ${trouble.code}.`

/** The error a person meets when the look right before a change failed, so that nothing was changed. */
export function readFault(call: Call, error: unknown): DrError {
  if (error instanceof DrError) return error
  const { why, code, message } = troubleOf(error)
  if (why === 'throttled') return drError('THROTTLED', { call: call.name, region: call.region }, error)
  if (why === 'denied') return denied(call, error)
  return drError('ACT_REJECTED', { call: `${call.name} in ${call.region}`, code, why: message }, error)
}

function denied(call: Call, error: unknown): DrError {
  const assumed = error instanceof NotAssumed
  return drError(
    'PERMISSION_MISSING',
    {
      action: assumed ? `sts:AssumeRole of ${error.role}` : call.name,
      role: assumed ? "the bot's own credentials" : call.role,
      region: call.region,
    },
    error,
  )
}
