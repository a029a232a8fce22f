import { type Copy, FUNCTIONS, type FunctionName } from '../stages.ts'
import { NAMESPACE, serviceName } from './environment.ts'
import { functionName, tableName } from './own.ts'

type Metric = readonly (string | Readonly<Record<string, string>>)[]

type Graph = readonly [title: string, metrics: readonly Metric[]]

/** One page of graphs: are people answered, do runs end, is anything left lying. */
export function dashboard({ stage, region }: Copy) {
  return {
    widgets: [...ofFunctions(stage), ...ofRuns(stage), ...ofStores(stage)].map(([title, metrics], index) => ({
      type: 'metric',
      x: (index % 2) * 12,
      y: Math.floor(index / 2) * 6,
      width: 12,
      height: 6,
      properties: { title, region, period: 60, view: 'timeSeries', metrics },
    })),
  }
}

const lambda = (stage: string, name: FunctionName, metric: string, stat: string): Metric => [
  ...['AWS/Lambda', metric, 'FunctionName', functionName(stage, name)],
  { stat, label: `${name} ${metric} (${stat})` },
]

const own = (stage: string, metric: string): Metric => [
  ...[NAMESPACE, metric, 'service', serviceName(stage)],
  { stat: 'Sum', label: metric },
]

const ofFunctions = (stage: string): readonly Graph[] => [
  [
    'Answers to Slack, ms (limit 3000)',
    ['p50', 'p99', 'Maximum'].map((stat) => lambda(stage, 'front', 'Duration', stat)),
  ],
  ['Errors', FUNCTIONS.map((name) => lambda(stage, name, 'Errors', 'Sum'))],
]

const ofRuns = (stage: string): readonly Graph[] => [
  ['Runs', ['RunSucceeded', 'RunFailed', 'RunStuck', 'WatchRan'].map((metric) => own(stage, metric))],
  [
    'Executions',
    ['Started', 'Succeeded', 'Failed', 'TimedOut'].map((end) =>
      lambda(stage, 'run', `DurableExecution${end}`, 'Sum'),
    ),
  ],
  ['Operations of a run (limit 3000)', [lambda(stage, 'run', 'DurableExecutionOperations', 'Maximum')]],
  ['How far the worker is behind the journal, ms', [lambda(stage, 'worker', 'IteratorAge', 'Maximum')]],
]

const ofStores = (stage: string): readonly Graph[] => [
  [
    'Left lying',
    [
      [
        ...['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', deadLetters(stage)],
        { stat: 'Maximum' },
      ],
    ],
  ],
  [
    'Journal: throttled requests',
    ['PutItem', 'UpdateItem', 'GetItem', 'Query'].map((operation) => [
      ...['AWS/DynamoDB', 'ThrottledRequests', 'TableName', tableName(stage), 'Operation', operation],
      { stat: 'Sum', label: operation },
    ]),
  ],
]

/** The name of the queue for what was tried in vain. */
const deadLetters = (stage: string): string => `understudy-${stage}-dead-letters`
