import { drError, type ErrorCode } from '../../src/engine/errors.ts'

type Examples = { readonly [C in ErrorCode]: Parameters<typeof drError<C>>[1] }

/** One plausible context for each code. A code without an example does not compile, so the page misses none. */
const examples: Examples = {
  COMMAND_UNKNOWN: { text: 'falover orders', nearest: '/dr failover orders' },
  COMMAND_MISUSED: {
    command: 'failover',
    why: 'it needs the name of a plan',
    usage: 'failover <plan> [emergency|planned|detach] [dry-run]',
  },
  REQUEST_REPEATED: {},
  FORM_NOT_OPENED: { why: 'it took too long to ask for it' },
  PLAN_UNKNOWN: { plan: 'order', known: ['billing', 'orders'] },
  PLAN_BROKEN: { plan: 'orders', faults: ['orders.yaml:42:5 services[0].writes: is missing (a boolean)'] },
  CONFIG_INVALID: { faults: ['SLACK_SIGNING_SECRET is missing'] },
  NOT_ALLOWED: { what: 'approve runs of “orders”', who: ['U00ALICE', 'U00BOB'] },
  OUTSIDER: { why: 'it is another channel' },
  OWN_REQUEST: {},
  SAME_PERSON: { who: ['U00BOB'] },
  FILE_UNUSABLE: { name: 'dr-platform.json', why: 'it is larger than 20 MB' },
  CARD_STALE: { why: 'the card expired at 03:17' },
  ALREADY_DECIDED: { by: 'U00ALICE', choice: 'Retry' },
  PHRASE_WRONG: { expected: 'orders' },
  RUN_IN_PROGRESS: {
    runId: 'orders-7f3a',
    plan: 'orders',
    by: 'U00BOB',
    since: '03:02',
    where: 'orders-global',
  },
  NOT_PROVEN: { why: 'arn:aws:iam::111122223333:user/mallory is nobody of “orders”' },
  RUN_ELSEWHERE: {
    runId: 'fo-orders-7f3a',
    why: 'a terminal carries it out, and gave a sign of life a moment ago',
    remedy: 'End it there with Ctrl-C, then resume it here.',
  },
  BOT_SILENT: { waitedMs: 5_000 },
  JOURNAL_UNREACHABLE: {
    journal: 'dynamodb:us-west-2/understudy-prod',
    why: 'no answer in 3 s',
    phrase: 'orders alone',
  },
  RUN_UNKNOWN: { runId: 'orders-7f3a' },
  FLOW_REFUSED: {
    flow: 'Failover',
    plan: 'orders',
    why: 'the standby cluster has no instance.',
    remedy: 'Add an instance to orders-dr, then ask again.',
  },
  PERMISSION_MISSING: {
    action: 'rds:FailoverGlobalCluster',
    role: 'understudy-operator',
    region: 'us-west-2',
  },
  ACT_REJECTED: {
    call: 'FailoverGlobalCluster',
    code: 'InvalidGlobalClusterStateFault',
    why: 'the global cluster is being modified.',
  },
  OUTCOME_UNKNOWN: { call: 'FailoverGlobalCluster', why: 'the connection was lost before an answer came.' },
  UNREACHABLE: { service: 'RDS', region: 'us-east-1', waitedMs: 1500 },
  THROTTLED: { call: 'ChangeResourceRecordSets', region: 'us-east-1' },
  LOCK_LOST: { runId: 'orders-7f3a', resource: 'orders-global' },
  STORE_FAILED: { what: 'take the request', why: 'database or disk is full.' },
  STORE_IN_USE: { file: 'engine.sqlite' },
  ENGINE_UNREACHABLE: { what: 'start the run', why: 'TimeoutError: connection timed out' },
  ENGINE_REFUSED: { what: 'stop the run', why: 'AccessDeniedException: not authorized' },
}

/** docs/errors.md: everything the bot can refuse or report, in the words a person gets. */
export function errorsPage(): string {
  const entries = (Object.keys(examples) as ErrorCode[]).map((code) => {
    const { message, changed, remedy } = drError(code, examples[code])
    return [`## ${code}`, `> ${message.replaceAll('\n', '\n> ')}`, `${changed} **Do:** ${remedy}`].join(
      '\n\n',
    )
  })
  return [
    '# What can go wrong, and what to do',
    'Generated from `src/engine/errors.ts` by `npm run generate`; do not edit. Each entry shows the message with an ' +
      'example in it, whether anything was changed, and what to do now.',
    ...entries,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}
