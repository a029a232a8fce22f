import { describe, expect, it } from 'vitest'
import { NotAssumed } from '../../src/aws/credentials.ts'
import { changeFault, troubleOf } from '../../src/aws/faults.ts'

const error = (fields: object) => Object.assign(new Error('told'), fields)
const answered = (name: string, httpStatusCode: number) => error({ name, $metadata: { httpStatusCode } })
const call = { name: 'rds:FailoverGlobalCluster', region: 'us-west-2', role: 'the role' }

const unconnected =
  '@smithy/node-http-handler - the request socket did not establish a connection with the server within the configured timeout of 400 ms.'

/** What a look says, and what an act says, of the same error. */
const table: readonly (readonly [string, unknown, string, string])[] = [
  ['an abort, which has no metadata', error({ name: 'AbortError' }), 'unreachable', 'OUTCOME_UNKNOWN'],
  ['no answer in time', error({ name: 'TimeoutError', code: 'ETIMEDOUT' }), 'unreachable', 'OUTCOME_UNKNOWN'],
  [
    'no connection in time',
    error({ name: 'TimeoutError', message: unconnected }),
    'unreachable',
    'ACT_REJECTED',
  ],
  ['a refused connection', error({ code: 'ECONNREFUSED' }), 'unreachable', 'ACT_REJECTED'],
  ['an unknown host', error({ code: 'ENOTFOUND' }), 'unreachable', 'ACT_REJECTED'],
  [
    'a refusal after earlier tries',
    error({ code: 'ECONNREFUSED', $metadata: { attempts: 3 } }),
    'unreachable',
    'OUTCOME_UNKNOWN',
  ],
  ['a lost connection', error({ code: 'ECONNRESET' }), 'unreachable', 'OUTCOME_UNKNOWN'],
  [
    'a stalled body',
    error({ name: 'TimeoutError', $metadata: { httpStatusCode: 200 } }),
    'unreachable',
    'OUTCOME_UNKNOWN',
  ],
  ['an unreadable body', answered('SyntaxError', 200), 'failed', 'OUTCOME_UNKNOWN'],
  ['500', answered('InternalFailure', 500), 'failed', 'OUTCOME_UNKNOWN'],
  ['503', answered('ServiceUnavailable', 503), 'failed', 'OUTCOME_UNKNOWN'],
  ['a throttle of 400', answered('Throttling', 400), 'throttled', 'THROTTLED'],
  ['a throttle of 503', answered('RequestLimitExceeded', 503), 'throttled', 'THROTTLED'],
  ['a busy zone', answered('PriorRequestNotComplete', 400), 'throttled', 'THROTTLED'],
  ['a denial', answered('AccessDenied', 403), 'denied', 'PERMISSION_MISSING'],
  ['an expired token', answered('ExpiredToken', 403), 'denied', 'PERMISSION_MISSING'],
  ['no credentials at all', error({ name: 'CredentialsProviderError' }), 'denied', 'PERMISSION_MISSING'],
  ['a modelled refusal', answered('InvalidGlobalClusterStateFault', 400), 'failed', 'ACT_REJECTED'],
  [
    'a role that is dark',
    new NotAssumed('r', 'us-east-1', error({ name: 'TimeoutError' })),
    'unreachable',
    'ACT_REJECTED',
  ],
]

describe('an error of the SDK', () => {
  it.each(table)('%s', (_what, thrown, why, code) => {
    expect(troubleOf(thrown).why).toBe(why)
    expect(changeFault(call, thrown).code).toBe(code)
  })

  it('keeps every message of a refused batch', () => {
    const batch = Object.assign(answered('InvalidChangeBatch', 400), { messages: ['[Tried to delete …]'] })
    expect(changeFault(call, batch).message).toContain('[Tried to delete …]')
  })

  it('that said nothing was sent says so to people', () => {
    expect(changeFault(call, error({ code: 'ECONNREFUSED' })).message).toContain('nothing was sent')
  })
})
