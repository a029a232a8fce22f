import type * as sts from '@aws-sdk/client-sts'
import { denied, refuse } from '../refusals.ts'
import { WireError } from '../wire/failure.ts'
import type { Call, Handlers } from '../wire/service.ts'
import { hex } from './random.ts'
import { accounts, type World } from './world.ts'

/** Credentials that AssumeRole gave out. `expiresAt` is people's time: SDK clients compare it with the wall. */
export type Session = {
  readonly accessKeyId: string
  readonly role: string
  readonly account: string
  readonly name: string
  readonly expiresAt: number
}

export type Role = {
  readonly arn: string
  readonly externalId?: string
  /** Actions such as `rds:Describe*`; absent = everything. */
  allow?: readonly string[]
}

export type StsState = { roles: Role[]; sessions: Session[] }

/** Who signed a request. Keys that no AssumeRole gave out are the simulation's operator, who may do everything. */
export type Identity = { readonly account: string; readonly arn: string; readonly role?: Role }

/** Assumed only to delete a stale cluster. */
export const deletionRole = `arn:aws:iam::${accounts.workload}:role/understudy-deletion`

export const seedSts = (): StsState => ({
  roles: [
    { arn: `arn:aws:iam::${accounts.workload}:role/understudy-operator` },
    { arn: deletionRole },
    { arn: `arn:aws:iam::${accounts.dns}:role/understudy-dns`, externalId: 'understudy' },
  ],
  sessions: [],
})

/** Throws when the key is nobody's, or its session is over. `wallNow`: people's time in ms. */
export function identify(world: World, call: Call, wallNow: number): Identity {
  const { accessKeyId } = call
  if (!accessKeyId) throw refuse(call, 'unsigned', 'Request is missing Authentication Token')
  if (!accessKeyId.startsWith('ASIA'))
    return { account: accounts.workload, arn: `arn:aws:iam::${accounts.workload}:user/operator` }
  const session = world.sts.sessions.find((each) => each.accessKeyId === accessKeyId)
  if (!session) throw refuse(call, 'unknown-token', 'The security token included in the request is invalid.')
  if (session.expiresAt <= wallNow)
    throw refuse(call, 'expired-token', 'The security token included in the request is expired')
  const role = world.sts.roles.find(({ arn }) => arn === session.role)
  const name = session.role.split('/').at(-1)
  return {
    account: session.account,
    arn: `arn:aws:sts::${session.account}:assumed-role/${name}/${session.name}`,
    ...(role ? { role } : {}),
  }
}

export function stsHandlers(world: World, wallNow: () => number): Handlers<typeof sts> {
  return {
    AssumeRole: (input, call) => assume(world, input, identify(world, call, wallNow()), wallNow()),
    GetCallerIdentity: (_input, call) => {
      const { account, arn } = identify(world, call, wallNow())
      return { Account: account, Arn: arn, UserId: `AIDA${hex(arn, 16).toUpperCase()}` }
    },
  }
}

function assume(world: World, input: sts.AssumeRoleCommandInput, caller: Identity, wallNow: number) {
  const { RoleArn = '', RoleSessionName = '', DurationSeconds = 3600 } = input
  const role = world.sts.roles.find(({ arn }) => arn === RoleArn)
  if (!role || (role.externalId !== undefined && role.externalId !== input.ExternalId))
    throw denied({ service: 'STS' }, caller.arn, `sts:AssumeRole on resource: ${RoleArn}`)
  if (DurationSeconds < 900 || DurationSeconds > 43_200)
    throw new WireError('ValidationError', 'DurationSeconds must be between 900 and 43200.')
  const key = hex(`${world.seed}/session/${world.serial++}`, 16).toUpperCase()
  const session: Session = {
    accessKeyId: `ASIA${key}`,
    role: RoleArn,
    account: RoleArn.split(':')[4] ?? '',
    name: RoleSessionName,
    expiresAt: wallNow + DurationSeconds * 1000,
  }
  world.sts.sessions = [...world.sts.sessions.filter(({ expiresAt }) => expiresAt > wallNow), session].slice(
    -1000,
  )
  const [name, id] = [RoleArn.split('/').at(-1), `AROA${hex(RoleArn, 16).toUpperCase()}:${RoleSessionName}`]
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: hex(`secret/${key}`, 40),
      SessionToken: hex(`token/${key}`, 64),
      Expiration: new Date(session.expiresAt),
    },
    AssumedRoleUser: {
      AssumedRoleId: id,
      Arn: `arn:aws:sts::${session.account}:assumed-role/${name}/${RoleSessionName}`,
    },
  }
}
