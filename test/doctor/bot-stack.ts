import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as lambda from '@aws-sdk/client-lambda'
import * as sqs from '@aws-sdk/client-sqs'
import * as sts from '@aws-sdk/client-sts'
import { Dispatcher } from '../../rehearsal/aws/wire/dispatch.ts'
import { readRequest, sendResponse } from '../../rehearsal/aws/wire/http.ts'
import { type Handlers, Service } from '../../rehearsal/aws/wire/service.ts'
import { type Listening, listen } from '../../rehearsal/http.ts'
import { createTableInput } from '../../src/durable/dynamo-table.ts'

export const PREFIX = 'understudy-prod'
export const REGION = 'us-east-2'
/** Whom the functions act as. */
export const ROLE = 'arn:aws:iam::111122223333:role/understudy-prod-run'

/** The bot's own stack as CloudFormation leaves it, to be spoilt. */
export const freshStack = () => ({
  functions: Object.fromEntries(
    ['front', 'worker', 'run', 'watch'].map((end) => [
      `${PREFIX}-${end}`,
      {
        State: 'Active' as lambda.State,
        LastUpdateStatus: 'Successful' as const,
        ...(end === 'run'
          ? { DurableConfig: { ExecutionTimeout: 31_622_400, RetentionPeriodInDays: 90 } }
          : {}),
      } as Pick<lambda.FunctionConfiguration, 'State' | 'LastUpdateStatus' | 'DurableConfig'>,
    ]),
  ),
  reserved: {} as Record<string, number>,
  aliasVersion: '7',
  letters: 0,
  alarms: Object.fromEntries(
    [
      'front-errors',
      'front-slow',
      'run-failed',
      'run-stuck',
      'watch-silent',
      'dead-letters',
      'worker-behind',
    ].map((end) => [`${PREFIX}-${end}`, 'OK' as cloudwatch.StateValue]),
  ),
  table: { recovery: 'ENABLED' as 'ENABLED' | 'DISABLED', expiry: 'expires', protection: true, stream: true },
})
export type BotStack = ReturnType<typeof freshStack>

/** What of Lambda, DynamoDB, SQS, CloudWatch and STS doctor asks in the bot's region, behind AWS's own wire protocols. */
export async function serveStack(stack: BotStack): Promise<Listening> {
  const dispatcher = new Dispatcher([
    new Service('lambda', lambda, lambda.LambdaClient, lambdaOf(stack) as never),
    new Service('dynamodb', dynamodb, dynamodb.DynamoDBClient, tableOf(stack) as never),
    new Service('sqs', sqs, sqs.SQSClient, queueOf(stack) as never),
    new Service('monitoring', cloudwatch, cloudwatch.CloudWatchClient, alarmsOf(stack) as never),
    new Service('sts', sts, sts.STSClient, {}),
  ])
  return listen(0, async (request, response) =>
    sendResponse(response, await dispatcher.handle(await readRequest(request))),
  )
}

const lambdaOf = (stack: BotStack): Handlers<typeof lambda> => {
  const of = (name: string | undefined) => {
    const found = stack.functions[name ?? '']
    if (found) return found
    const message = `Function not found: ${name}`
    throw new lambda.ResourceNotFoundException({ Message: message, message, $metadata: {} })
  }
  return {
    GetFunctionConfiguration: ({ FunctionName }) => ({ FunctionName, Role: ROLE, ...of(FunctionName) }),
    GetFunctionConcurrency: ({ FunctionName = '' }) => {
      const reserved = stack.reserved[FunctionName]
      return of(FunctionName) && reserved !== undefined ? { ReservedConcurrentExecutions: reserved } : {}
    },
    GetAlias: ({ FunctionName, Name }) => of(FunctionName) && { Name, FunctionVersion: stack.aliasVersion },
    ListDurableExecutionsByFunction: ({ FunctionName }) => of(FunctionName) && { DurableExecutions: [] },
  }
}

const tableOf = (stack: BotStack): Handlers<typeof dynamodb> => ({
  DescribeTable: ({ TableName = '' }) => {
    if (TableName !== PREFIX)
      throw new dynamodb.ResourceNotFoundException({ message: 'Table not found', $metadata: {} })
    const { KeySchema, AttributeDefinitions } = createTableInput(TableName)
    return {
      Table: {
        TableName,
        KeySchema,
        AttributeDefinitions,
        TableStatus: 'ACTIVE',
        DeletionProtectionEnabled: stack.table.protection,
        StreamSpecification: { StreamEnabled: stack.table.stream, StreamViewType: 'KEYS_ONLY' },
      },
    }
  },
  DescribeTimeToLive: () => ({
    TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: stack.table.expiry },
  }),
  DescribeContinuousBackups: () => ({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: stack.table.recovery },
    },
  }),
})

const queueOf = (stack: BotStack): Handlers<typeof sqs> => ({
  GetQueueUrl: ({ QueueName }) => {
    if (QueueName === `${PREFIX}-dead-letters`) return { QueueUrl: `https://sqs.invalid/1/${QueueName}` }
    throw new sqs.QueueDoesNotExist({ message: 'The specified queue does not exist.', $metadata: {} })
  },
  GetQueueAttributes: () => ({
    Attributes: {
      ApproximateNumberOfMessages: String(stack.letters),
      ApproximateNumberOfMessagesNotVisible: '0',
    },
  }),
})

const alarmsOf = (stack: BotStack): Handlers<typeof cloudwatch> => ({
  DescribeAlarms: ({ AlarmNames = [] }) => ({
    MetricAlarms: AlarmNames.flatMap((AlarmName) => {
      const StateValue = stack.alarms[AlarmName]
      return StateValue ? [{ AlarmName, StateValue }] : []
    }),
  }),
})
