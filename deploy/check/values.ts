import type { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { PropertyType, ResourceProperties } from '@aws-cdk/service-spec-types'

export type Spec = ReturnType<typeof loadAwsServiceSpecSync>
type Values = Readonly<Record<string, unknown>>

/** What is wrong with an object's properties: unknown, missing, or of another type. */
export function typeFaults(spec: Spec, known: ResourceProperties, given: Values, at: string): string[] {
  const missing = Object.entries(known)
    .filter(([name, { required }]) => required && given[name] === undefined)
    .map(([name]) => `${at}.${name}: is missing`)
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const property = known[name]
    return property ? valueFaults(spec, property.type, value, `${at}.${name}`) : [`${at}.${name}: unknown`]
  })
  return [...missing, ...wrong]
}

function valueFaults(spec: Spec, type: PropertyType, value: unknown, at: string): string[] {
  const chosen = alternatives(value)
  if (chosen) return chosen.flatMap((one) => valueFaults(spec, type, one, at))
  if (isIntrinsic(value) || type.type === 'json') return []
  switch (type.type) {
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, index) => valueFaults(spec, type.element, item, `${at}[${index}]`))
        : [`${at}: is no list`]
    case 'map':
      return isObject(value)
        ? Object.entries(value).flatMap(([key, item]) =>
            valueFaults(spec, type.element, item, `${at}.${key}`),
          )
        : [`${at}: is no map`]
    case 'ref':
      return isObject(value)
        ? typeFaults(spec, spec.get('typeDefinition', type.reference).properties, value, at)
        : [`${at}: is no object`]
    case 'tag':
      return typeFaults(spec, TAG, isObject(value) ? value : {}, at)
    case 'union':
      return fewest(type.types.map((one) => valueFaults(spec, one, value, at)))
    default:
      return primitiveFaults(type, value, at)
  }
}

type Primitive = Extract<
  PropertyType,
  { type: 'string' | 'number' | 'integer' | 'boolean' | 'date-time' | 'null' }
>

function primitiveFaults(type: Primitive, value: unknown, at: string): string[] {
  if (!IS[type.type](value)) return [`${at}: ${JSON.stringify(value)} is no ${type.type}`]
  const allowed: readonly unknown[] | undefined = 'allowedValues' in type ? type.allowedValues : undefined
  return !allowed || allowed.includes(value)
    ? []
    : [`${at}: ${JSON.stringify(value)} is none of ${allowed.join(', ')}`]
}

const IS: Readonly<Record<Primitive['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  'date-time': (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  null: (value) => value === null,
}

const TAG: ResourceProperties = {
  Key: { type: { type: 'string' }, required: true },
  Value: { type: { type: 'string' }, required: true },
}

const fewest = (all: string[][]): string[] => all.toSorted((a, b) => a.length - b.length)[0] ?? []

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether CloudFormation puts something else there, of which only the reference can be judged. */
export function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false
  const [name, ...others] = Object.keys(value)
  return others.length === 0 && (name === 'Ref' || /^Fn::/.test(name ?? ''))
}

/** Both ways of an `Fn::If`, but for those that leave the property out. */
function alternatives(value: unknown): readonly unknown[] | undefined {
  if (!isIntrinsic(value)) return undefined
  const [, ...ways] = (value as { readonly 'Fn::If'?: readonly unknown[] })['Fn::If'] ?? []
  const real = ways.filter((way) => !(isObject(way) && way.Ref === 'AWS::NoValue'))
  return ways.length ? real : undefined
}
