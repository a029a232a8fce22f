import { createHash } from 'node:crypto'
import { type Caller, faultOfSigned, type SignedCaller } from '../../aws/caller.ts'
import { DrError, drError } from '../../engine/errors.ts'
import type { Plan } from '../../plan/schema.ts'
import type { Ask } from '../../slack/asks.ts'
import type { Parts } from '../parts.ts'

/** What a proof is bound to: the ask as it stands, and the id it is offered under, which is taken once for ever. */
export function boundTo(itemId: string, { proof: _, ...ask }: Ask): string {
  const canonical = JSON.stringify([itemId, Object.entries(ask).sort(([a], [b]) => (a < b ? -1 : 1))])
  return createHash('sha256').update(canonical).digest('hex')
}

/** Who a caller is to Slack, by a plan: exactly that ARN. Throws NOT_PROVEN. */
export function personOf({ identities, name }: Plan, { arn }: Caller): string {
  const known = identities.find((identity) => identity.arn === arn)
  if (known) return known.user
  throw drError('NOT_PROVEN', { why: `${arn} is nobody of “${name}”` })
}

/**
 * Holds an ask from a terminal against its proof: signed for this very ask, not long ago, by somebody whom AWS knows
 * and the plan lists as the person in whose name it is. Throws NOT_PROVEN, UNREACHABLE.
 */
export async function assertProven(
  { caller, people }: Pick<Parts, 'caller' | 'people'>,
  plan: Plan,
  itemId: string,
  ask: Ask,
): Promise<void> {
  const { proof = [], by } = ask
  const { home, dr } = plan.regions
  const signed = proof.filter(({ region }) => region === home || region === dr)
  if (!caller || signed.length === 0)
    throw drError('NOT_PROVEN', { why: 'there is no proof beside the request' })
  const bound = boundTo(itemId, ask)
  for (const each of signed) {
    const fault = faultOfSigned(each, bound, people.now())
    if (fault) throw drError('NOT_PROVEN', { why: fault })
  }
  const person = personOf(plan, await firstToAnswer(signed, caller))
  if (person !== by) throw drError('NOT_PROVEN', { why: `it was signed by <@${person}>, and says <@${by}>` })
}

/** Either region may be dark: the first answer counts, and a refusal is one. */
export async function firstToAnswer(
  signed: readonly SignedCaller[],
  caller: (signed: SignedCaller) => Promise<Caller>,
): Promise<Caller> {
  const answers = signed.map((each) =>
    caller(each).catch((error) => {
      if (error instanceof DrError && error.code === 'NOT_PROVEN') return error
      throw error
    }),
  )
  try {
    const answer = await Promise.any(answers)
    if (answer instanceof DrError) throw answer
    return answer
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  }
}
