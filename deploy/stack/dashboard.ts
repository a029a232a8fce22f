import type { Copy } from '../stages.ts'
import { NAMESPACE, serviceName } from './environment.ts'
import { functionName, tableName } from './own.ts'

type Metric = readonly (string | Readonly<Record<string, string>>)[]

/** One page of graphs: are people answered, do runs end, is anything left lying. */
export function dashboard({ stage, region }: Copy) {
  const of = (metric: string, name: 'front' | 'worker' | 'run' | 'watch', stat: string): Metric => [
    'AWS/Lambda',
    metric,
    'FunctionName',
    functionName(stage, name),
    { stat, label: `${name} ${metric} (${stat})` },
  ]
  const own = (metric: string): Metric => [
    NAMESPACE,
    metric,
    'service',
    serviceName(stage),
    { stat: 'Sum', label: metric },
  ]
  const graphs: readonly (readonly [string, readonly Metric[]])[] = [
    [
      'Answers to Slack, ms (limit 3000)',
      ['p50', 'p99', 'Maximum'].map((stat) => of('Duration', 'front', stat)),
    ],
    ['Errors', (['front', 'worker', 'run', 'watch'] as const).map((name) => of('Errors', name, 'Sum'))],
    ['Runs', [own('RunFailed'), own('RunStuck'), own('WatchRan')]],
    [
      'Executions',
      [
        'DurableExecutionStarted',
        'DurableExecutionSucceeded',
        'DurableExecutionFailed',
        'DurableExecutionTimedOut',
      ].map((metric) => of(metric, 'run', 'Sum')),
    ],
    ['Operations of a run (limit 3000)', [of('DurableExecutionOperations', 'run', 'Maximum')]],
    ['How far the worker is behind the journal, ms', [of('IteratorAge', 'worker', 'Maximum')]],
    [
      'Left lying',
      [
        [
          'AWS/SQS',
          'ApproximateNumberOfMessagesVisible',
          'QueueName',
          deadLetters(stage),
          { stat: 'Maximum' },
        ],
      ],
    ],
    [
      'Journal: throttled requests',
      ['PutItem', 'UpdateItem', 'GetItem', 'Query'].map((operation) => [
        'AWS/DynamoDB',
        'ThrottledRequests',
        'TableName',
        tableName(stage),
        'Operation',
        operation,
        { stat: 'Sum', label: operation },
      ]),
    ],
  ]
  return {
    widgets: graphs.map(([title, metrics], index) => ({
      type: 'metric',
      x: (index % 2) * 12,
      y: Math.floor(index / 2) * 6,
      width: 12,
      height: 6,
      properties: { title, region, period: 60, view: 'timeSeries', metrics },
    })),
  }
}

/** The name of the queue for what was tried in vain. */
export const deadLetters = (stage: string): string => `understudy-${stage}-dead-letters`
