import { AssumeRoleCommand, type STSClient, type STSClientConfig } from '@aws-sdk/client-sts'
import type { Clock } from '../engine/ports.ts'
import { limit, type Patience } from './patience.ts'
import type { Session } from './session.ts'

export type Credentials = NonNullable<STSClientConfig['credentials']>
type Identity = Exclude<Credentials, (...args: never[]) => unknown>

/** Renewed this long before they expire, so that none expires in the middle of an act. */
const EARLY_MS = 5 * 60_000
/** A dark STS may not eat a look's whole deadline. */
const ASSUME_MS = 1_300

/** A role could not be assumed; `cause` says why. Whatever it was wanted for was not sent. */
export class NotAssumed extends Error {
  override readonly name = 'NotAssumed'
  readonly role: string

  constructor(role: string, region: string, cause: unknown) {
    super(`sts:AssumeRole of ${role} in ${region}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
    this.role = role
  }
}

type Assumed = {
  readonly role: string
  readonly externalId: string | undefined
  readonly session: Session
}

/**
 * Credentials of a role from regional STS: all the given regions are asked at once and the first answer counts, so
 * that no dark region is ever waited for. Kept until five minutes before they expire by people's time; a failure is
 * not kept. Rejects with NotAssumed.
 */
export function credentialsFor(
  { role, externalId, session }: Assumed,
  sts: readonly { readonly region: string; readonly client: STSClient }[],
  people: Pick<Clock, 'now'>,
  patience: Patience,
): Credentials {
  let kept: { identity: Identity; until: number } | undefined
  let asking: Promise<Identity> | undefined

  async function assume(client: STSClient, region: string): Promise<Identity> {
    const input = {
      RoleArn: role,
      RoleSessionName: session,
      ...(externalId ? { ExternalId: externalId } : {}),
    }
    try {
      const { Credentials: given } = await client.send(new AssumeRoleCommand(input), {
        abortSignal: limit(patience, ASSUME_MS),
      })
      if (!given?.AccessKeyId || !given.SecretAccessKey) throw new Error('STS answered without credentials')
      kept = {
        identity: {
          accessKeyId: given.AccessKeyId,
          secretAccessKey: given.SecretAccessKey,
          ...(given.SessionToken ? { sessionToken: given.SessionToken } : {}),
        },
        until: (given.Expiration?.getTime() ?? people.now()) - EARLY_MS,
      }
      return kept.identity
    } catch (error) {
      throw new NotAssumed(role, region, error)
    }
  }

  async function first(): Promise<Identity> {
    try {
      return await Promise.any(sts.map(({ client, region }) => assume(client, region)))
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error
    } finally {
      asking = undefined
    }
  }

  const provider = async (): Promise<Identity> => {
    if (kept && people.now() < kept.until) return kept.identity
    asking ??= first()
    return asking
  }
  // Tells the SDK not to keep what we keep: it would go by the wall's clock, once for every client.
  return Object.assign(provider, { memoized: true })
}
