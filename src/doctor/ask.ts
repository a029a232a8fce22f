import { type Budget, look } from '../aws/look.ts'
import type { Look } from '../flows/world.ts'
import type { CheckId } from './checks.ts'
import { type Finding, fault, silent, unknown } from './finding.ts'
import { isForDoctorAlone } from './permissions.ts'
import type { Patient } from './place.ts'

/** What is asked: for which check, about what, where, and as whom. */
export type Question = {
  readonly check: CheckId
  readonly about: string
  /** The region that answers or stays silent. */
  readonly region: string
  /** The service, in words. */
  readonly service: string
  /** The role that asks; absent: the bot's own credentials. */
  readonly role?: string | undefined
}

/** Asks as `patiently` does. What was not answered becomes a finding; this never rejects for what AWS does. */
export async function ask(
  { clocks }: Patient,
  question: Question,
  see: (budget: Budget) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const seen = await patiently(() => look(clocks, `${question.service} in ${question.region}`, see))
  return seen.ok ? seen.value : [unseen(question, seen)]
}

/** Looks once more where nothing came: so many looks at once may be too much for a slow line, and silence is told. */
export async function patiently<T>(take: () => Promise<Look<T>>): Promise<Look<T>> {
  const first = await take()
  return !first.ok && first.why === 'unreachable' ? take() : first
}

/** Why nothing could be seen, as a finding: a refusal is a fault of its own, whatever it hid. */
export function unseen(question: Question, seen: Extract<Look<unknown>, { ok: false }>): Finding {
  const { check, about, region } = question
  if (seen.why === 'unreachable') return silent(check, about, region)
  if (seen.why === 'denied') return refused(question, seen.detail)
  const again =
    seen.why === 'throttled'
      ? 'Run doctor again in a minute.'
      : 'Run doctor again; if it stays, look it up in the AWS console.'
  return unknown(check, about, seen.detail, again)
}

const OWN = "the bot's own credentials"
/** What AWS and the SDK say of credentials that are good for nothing, whatever they are used for. */
const useless: readonly (readonly [RegExp, string])[] = [
  [/CredentialsProviderError|Could not load credentials/, 'the SDK finds none'],
  [/ExpiredToken|token included in the request is expired|session has expired/i, 'they have expired'],
  [
    /InvalidClientTokenId|UnrecognizedClient|token included in the request is invalid/,
    'AWS does not know them',
  ],
  [/SignatureDoesNotMatch|IncompleteSignature/, 'AWS does not accept what they sign'],
]

/** Without credentials nothing can be seen: that is one fault, and no others. */
export function withoutCredentials(detail: string): Finding | undefined {
  const why = useless.find(([pattern]) => pattern.test(detail))?.[1]
  return why === undefined ? undefined : fault('credentials', OWN, why)
}

const DOCTOR_ONLY = 'Allow it, which changes nothing and only doctor needs, or look it up in the AWS console.'

function refused({ check, about, region, role = OWN }: Question, detail: string): Finding {
  const none = withoutCredentials(detail)
  if (none) return none
  const assuming = /sts:AssumeRole of (\S+)/.exec(detail)?.[1]
  if (assuming)
    return fault(
      'account',
      assuming,
      'it cannot be assumed: sts:AssumeRole was refused',
      'Let whoever runs this assume it: in its trust policy, with the external id that the plan names, and in the policy of the caller.',
    )
  const action = /not authorized to perform: ([\w-]+:\w+)/.exec(detail)?.[1]
  if (action && isForDoctorAlone(action))
    return unknown(check, about, `${role} may not be asked: ${action} is not allowed`, DOCTOR_ONLY)
  if (action) return fault('permission', role, `${action} is not allowed`)
  return fault('credentials', role, `${region} does not accept them: ${detail}`)
}
