/**
 * Every failure a person can meet: code -> what happened, what to do now, and whether anything was changed.
 * Bugs stay plain `Error`s.
 */
const catalogue = {
  COMMAND_UNKNOWN: (c: { text: string; nearest?: string }) => ({
    message: c.nearest
      ? `I don't know “${c.text}”. Did you mean \`${c.nearest}\`?`
      : `I don't know “${c.text}”.`,
    changed: 'Nothing was changed.',
    remedy: 'Type `/dr help` for what can be done.',
  }),
  COMMAND_MISUSED: (c: { command: string; why: string; usage: string }) => ({
    message: `“${c.command}” was not understood: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: `Type \`/dr ${c.usage}\`.`,
  }),
  REQUEST_REPEATED: (_: Record<string, never>) => ({
    message: 'This request had already arrived.',
    changed: 'It was not carried out a second time.',
    remedy: 'Look with `/dr runs` at what the first one did.',
  }),
  FORM_NOT_OPENED: (c: { why: string }) => ({
    message: `Slack did not open the form: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: 'Press the button again.',
  }),
  PLAN_UNKNOWN: (c: { plan: string; known: readonly string[] }) => ({
    message: `There is no plan “${c.plan}”.`,
    changed: 'Nothing was changed.',
    remedy: c.known.length
      ? `The plans are: ${c.known.join(', ')}.`
      : 'No plan is loaded: see `understudy validate`.',
  }),
  PLAN_BROKEN: (c: { plan: string; faults: readonly string[] }) => ({
    message: `The plan “${c.plan}” cannot be used: ${c.faults.join('; ')}`,
    changed: 'Nothing was changed.',
    remedy: 'Correct the plan file and deploy it; the other plans are not affected.',
  }),
  CONFIG_INVALID: (c: { faults: readonly string[] }) => ({
    message: `The configuration is not usable:\n${c.faults.map((fault) => `  - ${fault}`).join('\n')}`,
    changed: 'Nothing was started.',
    remedy: 'Correct all of these and start again.',
  }),
  NOT_ALLOWED: (c: { what: string; who: readonly string[] }) => ({
    message: `You may not ${c.what}.`,
    changed: 'Nothing was changed.',
    remedy: c.who.length
      ? `These people may: ${c.who.map((id) => `<@${id}>`).join(', ')}.`
      : 'The plan allows nobody to do that.',
  }),
  OUTSIDER: (c: { why: string }) => ({
    message: `This cannot be used from here: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: "Use it in the plan's own incident channel, as a member of its workspace.",
  }),
  OWN_REQUEST: (_: Record<string, never>) => ({
    message: 'You asked for this run, so somebody else has to approve it.',
    changed: 'Nothing was changed.',
    remedy: 'Ask one of the other approvers to press the button.',
  }),
  SAME_PERSON: (c: { who: readonly string[] }) => ({
    message: 'Your word counts already; a second person has to choose this.',
    changed: 'Nothing was changed.',
    remedy: c.who.length
      ? `Ask one of these people: ${c.who.map((id) => `<@${id}>`).join(', ')}.`
      : 'The plan names nobody else: add an approver to it.',
  }),
  FILE_UNUSABLE: (c: { name: string; why: string }) => ({
    message: `The file “${c.name}” was not read: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: 'It has to be the output of `terraform show -json <plan file>`, as a .json file.',
  }),
  CARD_STALE: (c: { why: string }) => ({
    message: `This did not count: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: 'Ask again with `/dr` and use the newest card.',
  }),
  ALREADY_DECIDED: (c: { by: string; choice: string }) => ({
    message: `This did not count: <@${c.by}> already chose “${c.choice}”.`,
    changed: 'Your click changed nothing.',
    remedy: "Follow the run's thread.",
  }),
  PHRASE_WRONG: (c: { expected: string }) => ({
    message: `Type exactly “${c.expected}”, lower case, nothing before or after it.`,
    changed: 'Nothing was changed.',
    remedy: 'Correct it and send again.',
  }),
  RUN_IN_PROGRESS: (c: { runId: string; plan: string; by: string; since: string; where: string }) => ({
    message: `Run ${c.runId} of “${c.plan}”, asked for by <@${c.by}>, has held ${c.where} since ${c.since}.`,
    changed: 'Nothing was changed.',
    remedy: 'Follow or abort that run first (`/dr runs`).',
  }),
  NOT_PROVEN: (c: { why: string }) => ({
    message: `It is not proven who asks: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy:
      'Use AWS credentials of your own, whose ARN (`aws sts get-caller-identity`) stands beside your Slack id under `identities` in the plan.',
  }),
  RUN_ELSEWHERE: (c: { runId: string; why: string; remedy: string }) => ({
    message: `Run ${c.runId} was not taken over: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: c.remedy,
  }),
  BOT_SILENT: (c: { waitedMs: number }) => ({
    message: `No bot has taken this up in ${(c.waitedMs / 1000).toFixed(0)} s.`,
    changed: 'Nothing was changed, and the request was withdrawn.',
    remedy:
      'Leave `--detach` out: then this terminal carries it out itself, and stays until the run has ended.',
  }),
  JOURNAL_UNREACHABLE: (c: { journal: string; why: string; phrase: string }) => ({
    message: `The journal ${c.journal} cannot be reached: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: `Find out whether a run is under way in another place. If none is, somebody of the plan's \`breakGlass\` may go on with \`--alone\`: a journal of this machine, which shares no lock with anybody. It asks for “${c.phrase}” to be typed.`,
  }),
  RUN_UNKNOWN: (c: { runId: string }) => ({
    message: `There is no run ${c.runId}.`,
    changed: 'Nothing was changed.',
    remedy: 'See `/dr runs` and `/dr history`.',
  }),
  FLOW_REFUSED: (c: { flow: string; plan: string; why: string; remedy: string }) => ({
    message: `${c.flow} of “${c.plan}” is refused: ${c.why}`,
    changed: 'Nothing was changed.',
    remedy: c.remedy,
  }),
  PERMISSION_MISSING: (c: { action: string; role: string; region: string }) => ({
    message: `AWS refused ${c.action} to ${c.role} in ${c.region}.`,
    changed: 'That call changed nothing.',
    remedy: `Allow ${c.action} to that role, then press Retry.`,
  }),
  ACT_REJECTED: (c: { call: string; code: string; why: string }) => ({
    message: `AWS refused ${c.call}: ${c.code}: ${c.why}`,
    changed: 'That call changed nothing.',
    remedy: 'Read the reason, put it right, then press Retry: it looks before it acts.',
  }),
  OUTCOME_UNKNOWN: (c: { call: string; why: string }) => ({
    message: `${c.call} was sent, and its outcome is not known: ${c.why}`,
    changed: 'It may have been carried out.',
    remedy: 'The run looks at AWS before it does anything else; it never repeats the call by itself.',
  }),
  UNREACHABLE: (c: { service: string; region: string; waitedMs: number }) => ({
    message: `${c.service} in ${c.region} gave no answer in ${(c.waitedMs / 1000).toFixed(1)} s.`,
    changed: 'Nothing was changed by looking.',
    remedy: 'Treat it as unknown, never as fine.',
  }),
  THROTTLED: (c: { call: string; region: string }) => ({
    message: `AWS is throttling ${c.call} in ${c.region}.`,
    changed: 'That call changed nothing.',
    remedy: 'It is asked again by itself; nothing needs doing.',
  }),
  LOCK_LOST: (c: { runId: string; resource: string }) => ({
    message: `Run ${c.runId} no longer holds the lock on ${c.resource}.`,
    changed: 'It does nothing more.',
    remedy: 'See who holds it: `/dr runs`.',
  }),
  STORE_FAILED: (c: { what: string; why: string }) => ({
    message: `The journal could not ${c.what}: ${c.why}`,
    changed: 'Nothing was started.',
    remedy:
      'Free the disk or the file, then ask again. On AWS: see that the table can be reached and written.',
  }),
  STORE_IN_USE: (c: { file: string }) => ({
    message: `Another process already uses ${c.file}.`,
    changed: 'Nothing was started.',
    remedy: 'Stop that process first, or choose another state folder.',
  }),
  ENGINE_UNREACHABLE: (c: { what: string; why: string }) => ({
    message: `Lambda was asked to ${c.what}, and gave no answer that counts: ${c.why}.`,
    changed: 'It may have been carried out; asking again does no harm.',
    remedy:
      'It is asked again within a minute. If Lambda stays away, take the run over from a terminal: `understudy resume`.',
  }),
  ENGINE_REFUSED: (c: { what: string; why: string }) => ({
    message: `Lambda refused to ${c.what}: ${c.why}.`,
    changed: 'Nothing was changed.',
    remedy: 'Put right what it names (`understudy doctor` checks the permissions), then ask again.',
  }),
} as const

type Catalogue = typeof catalogue
export type ErrorCode = keyof Catalogue

/** The one error class for what people can meet. */
export class DrError extends Error {
  override readonly name = 'DrError'
  readonly code: ErrorCode
  readonly changed: string
  readonly remedy: string

  constructor(
    code: ErrorCode,
    text: { message: string; changed: string; remedy: string },
    options?: ErrorOptions,
  ) {
    super(text.message, options)
    this.code = code
    this.changed = text.changed
    this.remedy = text.remedy
  }

  /** The three sentences together, as chat and terminal show them. */
  get told(): string {
    return `${this.message} ${this.changed} ${this.remedy}`
  }
}

/** Builds an error from the catalogue. */
export function drError<C extends ErrorCode>(
  code: C,
  context: Parameters<Catalogue[C]>[0],
  cause?: unknown,
): DrError {
  const entry = catalogue[code] as (c: typeof context) => { message: string; changed: string; remedy: string }
  return new DrError(code, entry(context), cause === undefined ? undefined : { cause })
}

/** What happened, in data: survives a checkpoint, where classes do not. */
export type Fault = {
  readonly code: string
  readonly message: string
  readonly changed: string
  readonly remedy: string
}

/** Any thrown thing as a `Fault`; a plain Error is a bug and keeps its message. */
export function faultOf(error: unknown): Fault {
  if (error instanceof DrError)
    return { code: error.code, message: error.message, changed: error.changed, remedy: error.remedy }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    code: 'BUG',
    message,
    changed: 'It is not known whether anything was changed.',
    remedy: 'Look with `/dr status`, then retry or abort.',
  }
}
