import * as iam from '@aws-sdk/client-iam'
import type { Handlers } from '../wire/service.ts'
import { hex } from './random.ts'
import type { Role } from './sts.ts'
import type { World } from './world.ts'

/** What nobody's list can allow: an action on a resource, `*` standing for anything. */
export type Denial = { readonly action: string; readonly resource: string }

/** Whether a text fits a pattern of IAM's: `rds:Describe*`. */
export function fits(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(text)
}

/** Whether an explicit statement forbids it, whatever else allows it. */
export const forbids = ({ deny = [] }: Role, action: string, resource: string): boolean =>
  deny.some((each) => fits(each.action, action) && fits(each.resource, resource))

/** IAM: its simulator and the roles, for whoever asks what a role may do. It is asked in us-east-1. */
export function iamHandlers(world: World): Handlers<typeof iam> {
  return {
    GetRole: ({ RoleName }) => {
      const role = world.sts.roles.find(({ arn }) => arn.split('/').at(-1) === RoleName)
      if (!role) throw absent(`The role with name ${RoleName} cannot be found.`)
      return { Role: describe(world, role) }
    },
    SimulatePrincipalPolicy: ({ PolicySourceArn, ActionNames = [], ResourceArns = ['*'] }) => {
      const role = world.sts.roles.find(({ arn }) => arn === PolicySourceArn)
      if (!role) throw absent(`Role ${PolicySourceArn} does not exist.`)
      const results = ActionNames.flatMap((action) =>
        ResourceArns.map((resource) => ({
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: decision(world, role, action, resource),
          MatchedStatements: [],
          MissingContextValues: [],
        })),
      )
      return { EvaluationResults: results, IsTruncated: false }
    },
  }
}

/** A role is known by its list, by what is forbidden to it, and by the refusals that were planted for everybody. */
function decision(
  world: World,
  role: Role,
  action: string,
  resource: string,
): iam.PolicyEvaluationDecisionType {
  if (forbids(role, action, resource)) return 'explicitDeny'
  if (role.allow && !role.allow.some((pattern) => fits(pattern, action))) return 'implicitDeny'
  const [service = '', operation = ''] = action.toLowerCase().split(':')
  const region = resource.split(':')[3]
  const refused = world.faults.some(
    (fault) =>
      fault.kind === 'denied' &&
      (fault.service ?? service).replaceAll(' ', '').toLowerCase() === service &&
      (fault.operation ?? operation).toLowerCase() === operation &&
      (!region || (fault.region ?? region) === region),
  )
  return refused ? 'implicitDeny' : 'allowed'
}

function describe(world: World, { arn }: Role): iam.Role {
  const [, name = ''] = /\/([^/]+)$/.exec(arn) ?? []
  return {
    Arn: arn,
    RoleName: name,
    Path: arn.slice(arn.indexOf('/'), -name.length),
    RoleId: `AROA${hex(arn, 16).toUpperCase()}`,
    CreateDate: new Date(world.startedAt - 90 * 86_400_000),
  }
}

const absent = (message: string) => new iam.NoSuchEntityException({ message, $metadata: {} })
