import { WireError } from '../wire/failure.ts'
import { page, records, withTokens } from './page.ts'
import { same } from './rds-find.ts'

type Listing = { readonly Marker?: string | undefined; readonly MaxRecords?: number | undefined }
type Filter = { readonly Name?: string | undefined; readonly Values?: string[] | undefined }

/** The values of a filter; undefined when it is not given. A filter that is not `known` is refused. */
export function filterValues(
  filters: readonly Filter[] | undefined,
  known: readonly string[],
  name = known[0],
): readonly string[] | undefined {
  const strange = filters?.find((filter) => !known.includes(filter.Name ?? ''))
  if (strange) throw new WireError('InvalidParameterValue', `Unrecognized filter name: ${strange.Name}`)
  return filters?.find((filter) => filter.Name === name)?.Values
}

export const fits = (values: readonly string[] | undefined, ...arns: readonly string[]): boolean =>
  values === undefined || values.some((value) => arns.some((arn) => same(value, arn)))

/** A page of an RDS listing, with RDS's own rules and words. */
export function listing<T>(items: readonly T[], key: (item: T) => string, { Marker, MaxRecords }: Listing) {
  const size = records(MaxRecords)
  const { items: rows, next } = withTokens('InvalidParameterValue', `Invalid marker: ${Marker}`, () =>
    page(items, key, { token: Marker || undefined, size }),
  )
  return { rows, Marker: next }
}
