import type { Template } from './template.ts'
import type { Spec } from './values.ts'

const PSEUDO = new Set(
  [
    'AccountId',
    'NotificationARNs',
    'NoValue',
    'Partition',
    'Region',
    'StackId',
    'StackName',
    'URLSuffix',
  ].map((name) => `AWS::${name}`),
)

/** References of a template to what it does not have. */
export function referenceFaults(spec: Spec, template: Template): readonly string[] {
  const { Resources, Parameters = {}, Conditions = {}, Outputs = {} } = template
  const exists = (name: string) => name in Resources || name in Parameters || PSEUDO.has(name)

  function attributeFaults(id: string, attribute: string, at: string): string[] {
    const type = Resources[id]?.Type
    if (!type) return [`${at}: there is no resource ${id}`]
    const [known] = spec.lookup('resource', 'cloudFormationType', 'equals', type)
    const has = known && (attribute in known.attributes || type.startsWith('Custom::'))
    return has ? [] : [`${at}: ${type} has no attribute ${attribute}`]
  }

  function substitutionFaults(given: unknown, at: string): string[] {
    const [text, own = {}] = Array.isArray(given) ? given : [given]
    const names = [...String(text).matchAll(/\$\{([^!][^}]*)\}/g)].map(([, name]) => String(name).trim())
    const others = names.filter((name) => !(name in own))
    return others.flatMap((name) => {
      const [id = '', ...attribute] = name.split('.')
      if (attribute.length) return attributeFaults(id, attribute.join('.'), at)
      return exists(id) ? [] : [`${at}: there is no ${id}`]
    })
  }

  function condition(name: unknown, at: string): string[] {
    return String(name) in Conditions ? [] : [`${at}: there is no condition ${name}`]
  }

  function look(value: unknown, at: string): string[] {
    if (Array.isArray(value)) return value.flatMap((item, index) => look(item, `${at}[${index}]`))
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, inner]) => [
      ...(judges[key]?.(inner, at) ?? []),
      ...look(inner, `${at}.${key}`),
    ])
  }

  const judges: Readonly<Record<string, (inner: unknown, at: string) => string[]>> = {
    Ref: (inner, at) => (exists(String(inner)) ? [] : [`${at}: there is no ${inner}`]),
    'Fn::Sub': substitutionFaults,
    'Fn::If': (inner, at) => condition((inner as unknown[])[0], at),
    'Fn::GetAtt': (inner, at) => {
      const [id, ...attribute] = Array.isArray(inner) ? inner : String(inner).split('.')
      return attributeFaults(String(id), attribute.join('.'), at)
    },
  }

  const ofResources = Object.entries(Resources).flatMap(([id, { DependsOn = [], Condition }]) => [
    ...[DependsOn]
      .flat()
      .flatMap((other) => (String(other) in Resources ? [] : [`${id}.DependsOn: there is no ${other}`])),
    ...(Condition === undefined ? [] : condition(Condition, id)),
  ])
  const bodies = Object.entries(Resources).flatMap(([id, { Properties }]) => look(Properties, id))
  return [...ofResources, ...bodies, ...look(Outputs, 'Outputs')]
}
