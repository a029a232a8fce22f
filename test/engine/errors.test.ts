import { expect, it } from 'vitest'
import { DrError, drError, type ErrorCode, faultOf } from '../../src/engine/errors.ts'

/** One context for each entry: the compiler complains when an entry is missing here. */
const contexts: { [C in ErrorCode]: Parameters<typeof drError<C>>[1] } = {
  COMMAND_UNKNOWN: { text: 'failovr', nearest: 'failover' },
  COMMAND_MISUSED: { command: 'failover', why: 'no plan was named', usage: 'failover <plan>' },
  REQUEST_REPEATED: {},
  FORM_NOT_OPENED: { why: 'it took too long' },
  PLAN_UNKNOWN: { plan: 'x', known: ['orders'] },
  PLAN_BROKEN: { plan: 'x', faults: ['line 3: regions: missing'] },
  CONFIG_INVALID: { faults: ['SLACK_TOKEN is missing'] },
  NOT_ALLOWED: { what: 'approve this', who: ['U1'] },
  OUTSIDER: { why: 'another workspace' },
  OWN_REQUEST: undefined as never,
  SAME_PERSON: { who: ['U1'] },
  FILE_UNUSABLE: { name: 'plan.json', why: 'it is empty' },
  CARD_STALE: { why: 'it expired' },
  ALREADY_DECIDED: { by: 'U1', choice: 'Retry' },
  PHRASE_WRONG: { expected: 'orders' },
  RUN_IN_PROGRESS: { runId: 'r1', plan: 'orders', by: 'U1', since: '03:00', where: 'x' },
  NOT_PROVEN: { why: 'the proof is too old' },
  RUN_ELSEWHERE: { runId: 'r1', why: 'it is alive', remedy: 'End it first.' },
  BOT_SILENT: { waitedMs: 5_000 },
  JOURNAL_UNREACHABLE: { journal: 'dynamodb:us-west-2/t', why: 'no answer', phrase: 'orders alone' },
  RUN_UNKNOWN: { runId: 'r1' },
  FLOW_REFUSED: { flow: 'Failover', plan: 'orders', why: 'it has no instance.', remedy: 'Add an instance.' },
  PERMISSION_MISSING: { action: 'rds:FailoverGlobalCluster', role: 'r', region: 'us-west-2' },
  ACT_REJECTED: { call: 'FailoverGlobalCluster', code: 'X', why: 'y' },
  OUTCOME_UNKNOWN: { call: 'FailoverGlobalCluster', why: 'no answer' },
  UNREACHABLE: { service: 'RDS', region: 'us-east-1', waitedMs: 1500 },
  THROTTLED: { call: 'X', region: 'us-east-1' },
  LOCK_LOST: { runId: 'r1', resource: 'x' },
  STORE_FAILED: { what: 'write', why: 'disk full' },
  STORE_IN_USE: { file: 'engine.sqlite' },
  ENGINE_UNREACHABLE: { what: 'start the run', why: 'no answer' },
  ENGINE_REFUSED: { what: 'stop the run', why: 'denied' },
}

it.each(Object.keys(contexts) as ErrorCode[])(
  '%s says what happened, what was changed and what to do',
  (code) => {
    const error = drError(code, contexts[code] as never)
    for (const sentence of [error.message, error.changed, error.remedy]) {
      expect(sentence).toMatch(/^[A-Z“\S]/)
      expect(sentence).not.toMatch(/undefined|\[object/)
      expect(sentence.trim().length).toBeGreaterThan(8)
    }
    expect(error.changed).toMatch(/chang|start|does nothing|carried out/i)
    expect(error.remedy).toMatch(/\.$/)
    expect(error.told).toBe(`${error.message} ${error.changed} ${error.remedy}`)
    expect(faultOf(error)).toEqual({
      code,
      message: error.message,
      changed: error.changed,
      remedy: error.remedy,
    })
  },
)

it('keeps the cause, and calls everything else a bug', () => {
  const cause = new Error('socket')
  expect(drError('CARD_STALE', { why: 'x' }, cause).cause).toBe(cause)
  expect(drError('CARD_STALE', { why: 'x' })).toBeInstanceOf(DrError)
  expect(faultOf(cause)).toMatchObject({ code: 'BUG', message: 'Error: socket' })
  expect(faultOf('oops').message).toBe('oops')
})
