/** What is counted and measured, by name; `RunSucceeded: [1, 'Count']`. */
export type Figures = Readonly<Record<string, readonly [value: number, unit: 'Count' | 'Seconds']>>
/** Whom figures are about: the metric's dimensions. */
export type About = { readonly plan?: string; readonly step?: string }
/** Takes figures down, with what is told beside them in the log but is no dimension, such as the run. */
export type Metrics = (figures: Figures, about: About, beside?: Readonly<Record<string, string>>) => void

const NAMESPACE = 'Understudy'

/**
 * Metrics as log lines in CloudWatch's embedded format: CloudWatch makes metrics of them as it reads the log, so nobody is
 * called. All figures of a `service` are added up too, which is what alarms go by. `now`: ms since the epoch.
 */
export const metricsTo =
  (write: (line: string) => void, now: () => number, service: string): Metrics =>
  (figures, about, beside = {}) => {
    const names = Object.keys(figures)
    const sets = [['service'], ...(Object.keys(about).length ? [['service', ...Object.keys(about)]] : [])]
    const directive = {
      Namespace: NAMESPACE,
      Dimensions: sets,
      Metrics: names.map((name) => ({ Name: name, Unit: figures[name]?.[1] })),
    }
    write(
      JSON.stringify({
        _aws: { Timestamp: Math.floor(now()), CloudWatchMetrics: [directive] },
        service,
        ...beside,
        ...about,
        ...Object.fromEntries(names.map((name) => [name, figures[name]?.[0]])),
      }),
    )
  }
