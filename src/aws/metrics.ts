import {
  type CloudWatchClient,
  type Dimension,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch'
import type { Budget } from './look.ts'

export type Metric = {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly stat: 'Average' | 'Maximum' | 'Sum'
}
export type Point = { readonly at: number; readonly value: number }

export const PERIOD_SECONDS = 60

/** Datapoints of each metric in the window, oldest first; world ms. A minute without data has no point. */
export async function readMetrics(
  cloudwatch: CloudWatchClient,
  metrics: readonly Metric[],
  window: { readonly from: number; readonly to: number },
  options: Budget,
): Promise<readonly (readonly Point[])[]> {
  const command = new GetMetricDataCommand({
    MetricDataQueries: metrics.map(query),
    StartTime: new Date(window.from),
    EndTime: new Date(window.to),
    ScanBy: 'TimestampAscending',
  })
  const { MetricDataResults = [] } = await cloudwatch.send(command, options)
  return metrics.map((_, index) => {
    const result = MetricDataResults.find(({ Id }) => Id === `m${index}`)
    const values = result?.Values ?? []
    return (result?.Timestamps ?? []).map((at, position) => ({
      at: at.getTime(),
      value: values[position] ?? Number.NaN,
    }))
  })
}

function query({ namespace, name, dimensions, stat }: Metric, index: number): MetricDataQuery {
  return {
    Id: `m${index}`,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensionsOf(dimensions) },
      Period: PERIOD_SECONDS,
      Stat: stat,
    },
  }
}

const dimensionsOf = (dimensions: Readonly<Record<string, string>>): Dimension[] =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
