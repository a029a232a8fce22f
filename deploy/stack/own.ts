import type { Condition } from '../policies/statement.ts'
import type { Copy, FunctionName } from '../stages.ts'

/** A value CloudFormation fills in. */
export type Value =
  | string
  | { readonly 'Fn::Sub': string }
  | { readonly 'Fn::GetAtt': readonly [string, string] }

/** A statement whose resources CloudFormation may fill in. */
export type OwnStatement = {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly Value[]
  readonly Condition?: Condition
}

/** Logical ids of what `deploy/stack/*.yml` declares. */
export const TABLE = 'Journal'
export const DEAD_LETTERS = 'DeadLetters'

export const functionName = (stage: string, name: FunctionName): string => `understudy-${stage}-${name}`
export const tableName = (stage: string): string => `understudy-${stage}`

/** An ARN in the account and region that the stack is in. */
export const here = (service: string, resource: string): Value => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
})

export const attribute = (resource: string, name: string): Value => ({ 'Fn::GetAtt': [resource, name] })

const may = (
  actions: readonly string[],
  resources: readonly Value[],
  condition?: Condition,
): OwnStatement => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
  ...(condition ? { Condition: condition } : {}),
})

const functionArn = (stage: string, name: FunctionName, qualifier = '') =>
  here('lambda', `function:${functionName(stage, name)}${qualifier}`)

/** To write lines into a function's own log group, which the stack makes. */
export const logging = ({ stage }: Copy, name: FunctionName): OwnStatement =>
  may(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    [here('logs', `log-group:/aws/lambda/${functionName(stage, name)}:log-stream:*`)],
  )

export const invoking = ({ stage }: Copy, name: FunctionName): OwnStatement =>
  may(['lambda:InvokeFunction'], [functionArn(stage, name)])

/** To start, find, stop and answer runs. */
export const steering = ({ stage }: Copy): readonly OwnStatement[] => [
  may(['lambda:InvokeFunction'], [functionArn(stage, 'run', ':durable')]),
  may(
    ['lambda:ListDurableExecutionsByFunction'],
    [functionArn(stage, 'run'), functionArn(stage, 'run', ':*')],
  ),
  may(
    [
      'lambda:GetDurableExecution',
      'lambda:StopDurableExecution',
      'lambda:SendDurableExecutionCallbackSuccess',
    ],
    [executions(stage)],
  ),
]

/** To keep its own operations. */
export const beingDurable = ({ stage }: Copy): OwnStatement =>
  may(['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'], [executions(stage)])

const executions = (stage: string) => functionArn(stage, 'run', ':*/durable-execution/*/*')

/** The whole journal. */
export const journal: readonly OwnStatement[] = [
  may(
    ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    [attribute(TABLE, 'Arn')],
  ),
]

/** Some partitions of the journal, named or by their prefixes. */
export const partitions = (actions: readonly string[], keys: readonly string[]): OwnStatement =>
  may(actions, [attribute(TABLE, 'Arn')], { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } })

/** What a function that is woken by the journal's stream needs. */
export const listening: readonly OwnStatement[] = [
  may(
    ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    [attribute(TABLE, 'StreamArn')],
  ),
  may(['dynamodb:ListStreams'], ['*']),
]

export const givingUp: OwnStatement = may(['sqs:SendMessage'], [attribute(DEAD_LETTERS, 'Arn')])

/** To read the Slack secrets, and to use their key where it is not AWS's own. */
export function readingSecrets({ secrets, secretsKey, region }: Copy): readonly OwnStatement[] {
  const [store = '', name = ''] = secrets.split(/:(.*)/s)
  const through = { StringEquals: { 'kms:ViaService': `${store}.${region}.amazonaws.com` } }
  return [
    store === 'ssm'
      ? may(
          ['ssm:GetParameters'],
          ['signing-secret', 'bot-token', 'app-token'].map((each) => here('ssm', `parameter${name}/${each}`)),
        )
      : // Secrets Manager appends a hyphen and six characters of its own to a name.
        may(['secretsmanager:GetSecretValue'], [here('secretsmanager', `secret:${name}-??????`)]),
    ...(secretsKey ? [may(['kms:Decrypt'], [secretsKey], through)] : []),
  ]
}
