import type * as sts from '@aws-sdk/client-sts'
import { denied, refuse } from '../refusals.ts'
import { WireError } from '../wire/failure.ts'
import type { Call, Handlers } from '../wire/service.ts'
import { isSignedWith } from '../wire/signature.ts'
import type { Denial } from './iam.ts'
import { hex } from './random.ts'
import { accounts, regions, type World } from './world.ts'

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
  /** What is forbidden to it, whatever it is allowed. */
  deny?: readonly Denial[]
}

export type StsState = { roles: Role[]; sessions: Session[] }

/** Who signed a request. Keys that no AssumeRole gave out are the simulation's operator, who may do everything. */
export type Identity = { readonly account: string; readonly arn: string; readonly role?: Role }

/** Assumed only to delete a stale cluster. */
export const deletionRole = `arn:aws:iam::${accounts.workload}:role/understudy-deletion`

/** Keys of a person's own: they may do nothing but say whose they are. `foreign`: of an account that is nobody's here. */
export function keysOf(person: string, { foreign = false } = {}) {
  const accessKeyId = `${foreign ? FOREIGN : PERSON}${person}`
  return { accessKeyId, secretAccessKey: hex(`secret/${accessKeyId}`, 40), arn: arnOf(accessKeyId) }
}
const PERSON = 'AKIAPERSON'
const FOREIGN = 'AKIAFOREIGN'
const isPersonal = (key: string) => key.startsWith(PERSON) || key.startsWith(FOREIGN)
const arnOf = (key: string) =>
  key.startsWith(FOREIGN)
    ? `arn:aws:iam::999988887777:user/${key.slice(FOREIGN.length).toLowerCase()}`
    : `arn:aws:iam::${accounts.workload}:user/${key.slice(PERSON.length).toLowerCase()}`

/** Nobody deletes a dr cluster. */
const drIsSafe: readonly Denial[] = [
  { action: 'rds:Delete*', resource: `arn:aws:rds:${regions.dr}:${accounts.workload}:cluster:*-dr` },
]

export const seedSts = (): StsState => ({
  roles: [
    { arn: `arn:aws:iam::${accounts.workload}:role/understudy-operator`, deny: drIsSafe },
    { arn: deletionRole, deny: drIsSafe },
    { arn: `arn:aws:iam::${accounts.dns}:role/understudy-dns`, externalId: 'understudy' },
  ],
  sessions: [],
})

/** Throws when the key is nobody's, or its session is over. `wallNow`: people's time in ms. */
export function identify(world: World, call: Call, wallNow: number): Identity {
  const { accessKeyId } = call
  if (!accessKeyId) throw refuse(call, 'unsigned', 'Request is missing Authentication Token')
  if (isPersonal(accessKeyId)) return personal(call, wallNow)
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

/** What AWS's own signers send. */
const QUESTION = 'Action=GetCallerIdentity&Version=2011-06-15'

/** Of personal keys the signature is looked at: they are what proves who somebody is. */
function personal(call: Call, wallNow: number): Identity {
  const { accessKeyId, headers, operation } = call
  const arn = arnOf(accessKeyId)
  if (operation !== 'GetCallerIdentity') throw denied(call, arn, `sts:${operation}`)
  const date = headers['x-amz-date'] ?? ''
  const at = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
  if (!(Math.abs(wallNow - at) <= 15 * 60_000))
    throw new WireError('SignatureDoesNotMatch', `Signature expired: ${date} is not within 15 min.`, 403)
  const secret = hex(`secret/${accessKeyId}`, 40)
  if (!isSignedWith(secret, { method: 'POST', path: '/', headers, body: QUESTION }))
    throw new WireError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
      403,
    )
  return { account: arn.split(':')[4] ?? '', arn }
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
