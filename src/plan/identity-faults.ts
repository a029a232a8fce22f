import { type Contradiction, repeated } from './repeated.ts'
import type { Plan } from './schema.ts'

/**
 * An ARN is one person, and a person who may do nothing needs none. Whose account it is in, is not looked at: people log
 * in through accounts of their own, and only an ARN that stands here exactly counts.
 */
export function identityFaults({ identities, slack }: Plan): Contradiction[] {
  const people = new Set([...slack.requesters, ...slack.approvers, ...slack.breakGlass])
  const strangers = identities.flatMap(({ user }, index) =>
    people.has(user)
      ? []
      : [
          {
            path: ['identities', index, 'user'],
            message: `${user} is in no list of slack, so may do nothing`,
          },
        ],
  )
  return [...strangers, ...repeated(identities, ({ arn }) => arn, ['identities'], 'arn', 'identity')]
}
