import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import { WireError } from '../wire/failure.ts'
import type { Handlers } from '../wire/service.ts'
import { type Alarm, alarmsIn, minutesOf, type Series, seriesIn } from './metrics.ts'
import { page, withTokens } from './page.ts'
import { accounts, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })
const invalid = (message: string) => new cloudwatch.InvalidParameterValueException(about(message))

export function metricsHandlers(world: World): Handlers<typeof cloudwatch> {
  return {
    ListMetrics: (input, call) => listMetrics(world, input, call.region),
    GetMetricData: (input, call) => getMetricData(world, input, call.region),
    GetMetricStatistics: (input, call) => getStatistics(world, input, call.region),
    DescribeAlarms: (input, call) => describeAlarms(world, input, call.region),
  }
}

function listMetrics(world: World, input: cloudwatch.ListMetricsCommandInput, region: string) {
  const recently = world.now - 3 * 3_600_000
  const found = seriesIn(world, region).filter(
    (series) =>
      (input.Namespace === undefined || series.namespace === input.Namespace) &&
      (input.MetricName === undefined || series.name === input.MetricName) &&
      (input.Dimensions ?? []).every(({ Name, Value }) =>
        series.dimensions.some((own) => own.Name === Name && (Value === undefined || own.Value === Value)),
      ) &&
      (input.RecentlyActive === undefined ||
        minutesOf(world, series.app).some(
          (minute) => minute.at >= recently && series.value(minute) !== undefined,
        )),
  )
  const { items, next } = tokens(input.NextToken, () =>
    page(found, keyOf, { token: input.NextToken, size: 500 }),
  )
  return { Metrics: items.map(metricOf), NextToken: next }
}

const metricOf = ({ namespace, name, dimensions }: Series): cloudwatch.Metric => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: [...dimensions],
})

const keyOf = (series: Series): string => JSON.stringify(metricOf(series))

type Wanted = {
  readonly metric: cloudwatch.Metric
  readonly period: number
  readonly from: number
  readonly to: number
}
type Bucket = { readonly at: number; readonly values: readonly number[]; readonly unit: Series['unit'] }

/** The minutes of a series by period; dimensions must be exactly those of the series. */
function buckets(world: World, region: string, { metric, period, from, to }: Wanted): Bucket[] {
  if (!Number.isInteger(period / 60) || period < 60) throw invalid('Period must be a multiple of 60.')
  const dimensions = new Set((metric.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`))
  const series = seriesIn(world, region).find(
    (each) =>
      each.namespace === metric.Namespace &&
      each.name === metric.MetricName &&
      each.dimensions.length === dimensions.size &&
      each.dimensions.every(({ Name, Value }) => dimensions.has(`${Name}=${Value}`)),
  )
  if (!series) return []
  const byPeriod = new Map<number, number[]>()
  for (const minute of minutesOf(world, series.app)) {
    const value = series.value(minute)
    if (value === undefined || minute.at < from || minute.at >= to) continue
    const start = Math.floor(minute.at / (period * 1000)) * period * 1000
    byPeriod.set(start, [...(byPeriod.get(start) ?? []), value])
  }
  return [...byPeriod].map(([at, values]) => ({ at, values, unit: series.unit }))
}

const statistics: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  SampleCount: (values) => values.length,
}

function statistic(name: string, values: readonly number[]): number {
  const known = statistics[name] ?? (/^p\d{1,2}(\.\d+)?$/.test(name) ? statistics.Maximum : undefined)
  if (!known) throw invalid(`The value ${name} for parameter Stat is not supported.`)
  return known(values)
}

function getMetricData(world: World, input: cloudwatch.GetMetricDataCommandInput, region: string) {
  const [from, to] = range(input.StartTime, input.EndTime)
  const queries = (input.MetricDataQueries ?? []).filter(({ ReturnData }) => ReturnData !== false)
  if (queries.length > 500) throw invalid('At most 500 queries can be given.')
  const results = queries.map((query) => {
    const { Metric: metric, Period: period = 60, Stat: stat = 'Average' } = query.MetricStat ?? {}
    if (!metric) throw new WireError('ValidationError', 'Metric math expressions are not simulated.')
    const points = buckets(world, region, { metric, period, from, to }).map(({ at, values }) => ({
      at,
      value: statistic(stat, values),
    }))
    const label = query.Label ?? metric.MetricName ?? ''
    return {
      id: query.Id ?? '',
      label,
      points: input.ScanBy === 'TimestampAscending' ? points : points.reverse(),
    }
  })
  return pageOfResults(results, input)
}

type Result = {
  readonly id: string
  readonly label: string
  readonly points: { at: number; value: number }[]
}

/** At most MaxDatapoints in all; a result that goes on at the next page says so. */
function pageOfResults(results: readonly Result[], input: cloudwatch.GetMetricDataCommandInput) {
  const size = input.MaxDatapoints ?? 100_800
  if (size < 1) throw invalid('MaxDatapoints must be at least 1.')
  const flat = results.flatMap(({ id, points }) => points.map((point) => ({ id, ...point })))
  const { items, next } = tokens(input.NextToken, () =>
    page(flat, ({ id, at }) => `${id}/${at}`, { token: input.NextToken, size }),
  )
  const told = results.map(({ id, label, points }) => {
    const mine = items.filter((item) => item.id === id)
    const goesOn = next !== undefined && mine.at(-1)?.at !== points.at(-1)?.at
    return {
      Id: id,
      Label: label,
      Timestamps: mine.map(({ at }) => new Date(at)),
      Values: mine.map(({ value }) => value),
      StatusCode: goesOn ? ('PartialData' as const) : ('Complete' as const),
    }
  })
  return { MetricDataResults: told, Messages: [], NextToken: next }
}

function getStatistics(world: World, input: cloudwatch.GetMetricStatisticsCommandInput, region: string) {
  const [from, to] = range(input.StartTime, input.EndTime)
  const names = input.Statistics ?? []
  if (names.length === 0) throw invalid('At least one statistic must be given.')
  const metric = {
    Namespace: input.Namespace,
    MetricName: input.MetricName,
    Dimensions: input.Dimensions,
  }
  const found = buckets(world, region, { metric, period: input.Period ?? 60, from, to })
  return {
    Label: input.MetricName,
    Datapoints: found.map(({ at, values, unit }) => ({
      Timestamp: new Date(at),
      Unit: unit,
      ...Object.fromEntries(names.map((name) => [name, statistic(name, values)])),
    })),
  }
}

function range(start: Date | undefined, end: Date | undefined): [number, number] {
  const [from, to] = [start?.getTime() ?? Number.NaN, end?.getTime() ?? Number.NaN]
  if (!(from < to)) throw invalid('The parameter StartTime must be less than the parameter EndTime.')
  return [from, to]
}

function describeAlarms(world: World, input: cloudwatch.DescribeAlarmsCommandInput, region: string) {
  const { AlarmNames: names, AlarmNamePrefix: prefix, StateValue: state, MaxRecords: size = 50 } = input
  if (size < 1 || size > 100) throw new WireError('ValidationError', 'MaxRecords must be between 1 and 100.')
  if (names?.length && prefix !== undefined)
    throw new WireError('ValidationError', 'AlarmNames and AlarmNamePrefix cannot be given together.')
  const found = alarmsIn(world, region).filter(
    (alarm) =>
      (!names?.length || names.includes(alarm.name)) &&
      (prefix === undefined || alarm.name.startsWith(prefix)) &&
      (state === undefined || alarm.state === state),
  )
  const { items, next } = tokens(input.NextToken, () =>
    page(found, ({ name }) => name, { token: input.NextToken, size }),
  )
  return {
    MetricAlarms: items.map((alarm) => describeAlarm(alarm, region)),
    CompositeAlarms: [],
    NextToken: next,
  }
}

const describeAlarm = (alarm: Alarm, region: string): cloudwatch.MetricAlarm => ({
  AlarmName: alarm.name,
  AlarmArn: `arn:aws:cloudwatch:${region}:${accounts.workload}:alarm:${alarm.name}`,
  StateValue: alarm.state,
  StateReason: `${alarm.metric} against a threshold of ${alarm.threshold}`,
  StateUpdatedTimestamp: new Date(alarm.since),
  MetricName: alarm.metric,
  Namespace: alarm.namespace,
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: alarm.threshold,
  ComparisonOperator: 'GreaterThanThreshold',
  ActionsEnabled: true,
})

function tokens<T>(token: string | undefined, list: () => T): T {
  return withTokens('InvalidNextToken', `The specified NextToken is invalid: ${token}`, list)
}
