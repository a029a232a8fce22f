import { NormalizedSchema } from '@smithy/core/schema'

/** A shape of an AWS API, read from the SDK client's own generated description. */
export type Schema = NormalizedSchema
export type Traits = ReturnType<Schema['getMergedTraits']>
/** A structure's value: member name -> value. */
export type Struct = Readonly<Record<string, unknown>>

/** An operation as a client module exports it (`DescribeGlobalClusters$`), and its shapes. */
export type Operation = {
  readonly name: string
  /** Method, URI template and success status, for the REST protocols. */
  readonly http: readonly [string, string, number] | undefined
  readonly input: Schema
  readonly output: Schema
}

/** How the generated descriptions tag themselves: index 0 of the array. */
const tags = { operation: 9, error: -3 } as const

type Ref = Parameters<typeof NormalizedSchema.of>[0]

/** The operation that this export of a client module describes, if it describes one. */
export function operationOf(exported: unknown): Operation | undefined {
  if (!Array.isArray(exported) || exported[0] !== tags.operation) return undefined
  const [, , name, traits, input, output] = exported as [9, string, string, Traits | number, Ref, Ref]
  return {
    name,
    http: typeof traits === 'object' ? traits.http : undefined,
    input: NormalizedSchema.of(input),
    output: NormalizedSchema.of(output),
  }
}

/** The modelled error that this export of a client module describes; the SDK's own base classes are not modelled. */
export function errorOf(exported: unknown): { name: string; schema: Schema } | undefined {
  if (!Array.isArray(exported) || exported[0] !== tags.error) return undefined
  const [, namespace, name] = exported as [-3, string, string]
  if (namespace.startsWith('smithy.ts.sdk.synthetic')) return undefined
  return { name, schema: NormalizedSchema.of(exported as unknown as Ref) }
}

/** The members that a structure must have, in the order of the model. */
export function requiredMembers(schema: Schema): readonly string[] {
  const shape = schema.getSchema()
  if (!Array.isArray(shape) || shape[0] !== 3) return []
  return shape[4].slice(0, shape[6] ?? 0)
}

/** A structure's members; none for the unit shape. */
export function membersOf(schema: Schema): [string, Schema][] {
  return schema.isUnitSchema() ? [] : [...schema.structIterator()]
}

/** What the XML and query protocols call a member, an item, a key. */
export function xmlName(schema: Schema, otherwise: string): string {
  return schema.getMergedTraits().xmlName ?? otherwise
}
