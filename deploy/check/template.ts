import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { referenceFaults } from './references.ts'
import { type Spec, typeFaults } from './values.ts'

/** A CloudFormation template, as far as it is looked at. */
export type Template = {
  readonly Parameters?: Readonly<Record<string, unknown>>
  readonly Conditions?: Readonly<Record<string, unknown>>
  readonly Resources: Readonly<Record<string, TemplateResource>>
  readonly Outputs?: Readonly<Record<string, unknown>>
}
export type TemplateResource = {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
  readonly [attribute: string]: unknown
}

/** What a resource may say of itself beside its properties. */
const ATTRIBUTES = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'UpdatePolicy',
  'CreationPolicy',
  'Metadata',
])

/**
 * Every fault that can be known before a template is deployed, each as `path: what is wrong`: types that AWS does not
 * have, properties they do not have or must have, values of another type, references to nothing. By the database that
 * AWS's CDK is generated from; it takes half a second to load, once.
 */
export function templateFaults(template: Template): readonly string[] {
  loaded ??= loadAwsServiceSpecSync()
  const spec = loaded
  const ofResources = Object.entries(template.Resources).flatMap(([id, resource]) => {
    const strange = Object.keys(resource).filter((attribute) => !ATTRIBUTES.has(attribute))
    const [type] = spec.lookup('resource', 'cloudFormationType', 'equals', resource.Type)
    return [
      ...strange.map((attribute) => `${id}.${attribute}: no attribute of a resource`),
      ...(type
        ? typeFaults(spec, type.properties, resource.Properties ?? {}, id)
        : [`${id}: there is no type ${resource.Type}`]),
    ]
  })
  return [...ofResources, ...referenceFaults(spec, template)]
}

let loaded: Spec | undefined
