import type { Fact, Found, Side, Thing } from './facts.ts'
import { regionInName, sideInName, wordsOf } from './names.ts'
import { recognise, regionOf, type Setting } from './shapes.ts'

/** A file of outputs: what it is called, and what is in it. */
export type OutputFile = { readonly name: string; readonly text: string }
/** The facts of the files, and which region plays which side as far as their names say so. */
export type Outputs = Found & {
  readonly regions: Readonly<Partial<Record<Side, string>>>
  /** All regions of the values, in the order of the files. */
  readonly seen: readonly string[]
}

/** A text of an output, with the names that lead to it: `output services.api of dr.json`. */
type Leaf = { readonly text: string; readonly path: string; readonly words: readonly string[] }
type Read = { readonly file: string; readonly leaves: readonly Leaf[]; readonly sensitive: readonly string[] }

/** A file that holds no outputs; `why` goes on after its name. */
export class NotOutputs extends Error {
  readonly file: string
  constructor(file: string, why: string) {
    super(why)
    this.file = file
  }
}

/**
 * Reads files of `terraform output -json`, or of `terraform show -json` of a state. Sensitive values are not looked at.
 * `given`: the regions of the sides, where somebody said so. Throws NotOutputs.
 */
export function readOutputs(
  files: readonly OutputFile[],
  given: Readonly<Partial<Record<Side, string>>> = {},
): Outputs {
  const reads = files.map(readFile)
  const regions = { ...votes(reads), ...given }
  const told = reads.map((read) => factsIn(read, regions))
  return {
    facts: told.flatMap(({ facts }) => facts),
    gaps: told.flatMap(({ gaps }) => gaps),
    regions,
    seen: [...new Set(reads.flatMap(({ leaves }) => leaves.flatMap(({ text }) => regionOf(text) ?? [])))],
  }
}

function readFile({ name: file, text }: OutputFile): Read {
  const json = parsed(file, text)
  const state = isMap(json.values) ? json.values : undefined
  const outputs = state ? (isMap(state.outputs) ? state.outputs : {}) : json
  const entries = Object.entries(outputs)
  if (!state && entries.some(([, output]) => !isMap(output) || !('value' in output)))
    throw new NotOutputs(file, 'it is JSON, but not the output of `terraform output -json`')
  const open = entries.filter(([, output]) => isMap(output) && output.sensitive !== true)
  return {
    file,
    leaves: [
      ...open.flatMap(([name, output]) => leavesOf((output as Struct).value, name, wordsOf(name))),
      ...(isMap(state?.root_module) ? resources(state.root_module) : []),
    ],
    sensitive: entries
      .filter(([, output]) => isMap(output) && output.sensitive === true)
      .map(([name]) => name),
  }
}

type Struct = Readonly<Record<string, unknown>>
const isMap = (value: unknown): value is Struct =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parsed(file: string, text: string): Struct {
  if (!text.trim()) throw new NotOutputs(file, 'it is empty')
  try {
    const json: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
    if (isMap(json)) return json
  } catch {
    throw new NotOutputs(file, /^\S+ += /.test(text) ? 'terraform needs -json to write it' : 'it is not JSON')
  }
  throw new NotOutputs(file, 'it is JSON, but no object')
}

/** Every text in a value; lists add nothing to the names. */
function leavesOf(value: unknown, path: string, words: readonly string[]): Leaf[] {
  if (typeof value === 'string') return [{ text: value.trim(), path, words }]
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, `${path}[${index}]`, words))
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, `${path}.${key}`, [...words, ...wordsOf(key)]),
  )
}

/** Of a state, what a plan may name: attributes by the resource's type. */
const attributes: Readonly<Record<string, readonly string[]>> = {
  aws_rds_global_cluster: ['arn'],
  aws_rds_cluster: ['arn'],
  aws_ecs_service: ['id'],
  aws_lb: ['dns_name', 'zone_id'],
  aws_lb_target_group: ['arn'],
  aws_lb_listener: ['arn'],
  aws_apigatewayv2_domain_name: ['domain_name_configuration'],
  aws_route53_zone: ['zone_id'],
  aws_route53_record: ['fqdn'],
  aws_cloudwatch_metric_alarm: ['arn'],
}
const parts = new Set(['target_domain_name', 'hosted_zone_id'])

function resources(module: Struct): Leaf[] {
  const own = (Array.isArray(module.resources) ? module.resources.filter(isMap) : []).flatMap(
    ({ type, address, values, sensitive_values: secret }) =>
      (attributes[String(type)] ?? [])
        .filter((name) => !(isMap(secret) && secret[name] === true))
        .flatMap((name) =>
          leavesOf(isMap(values) ? values[name] : undefined, `${address}.${name}`, [
            ...wordsOf(String(type)),
            ...wordsOf(name),
          ]),
        )
        .filter(({ path }) => !path.includes('_configuration[') || parts.has(path.split('.').at(-1) ?? '')),
  )
  const children = Array.isArray(module.child_modules) ? module.child_modules.filter(isMap) : []
  return [...own, ...children.flatMap(resources)]
}

/** What the names of files and outputs say of sides: a side counts when they agree on one region for it. */
function votes(reads: readonly Read[]): Partial<Record<Side, string>> {
  const heard = reads.flatMap(({ file, leaves }) =>
    leaves.flatMap(({ text, path }) => {
      const region = regionOf(text)
      const side = sideInName(path) ?? sideInName(file)
      return region && side ? [{ side, region }] : []
    }),
  )
  const of = (side: Side) => new Set(heard.filter((vote) => vote.side === side).map(({ region }) => region))
  const [home, dr] = [of('home'), of('dr')]
  return {
    ...(home.size === 1 ? { home: [...home][0] as string } : {}),
    ...(dr.size === 1 ? { dr: [...dr][0] as string } : {}),
  }
}

function factsIn({ file, leaves, sensitive }: Read, regions: Outputs['regions']): Found {
  const named = new Set(leaves.flatMap(({ text }) => regionOf(text) ?? []))
  const ofFile = sideInName(file)
  const usual = (ofFile && regions[ofFile]) ?? (named.size === 1 ? [...named][0] : undefined)
  const facts: Fact[] = []
  const gaps = sensitive.map((name) => `Output ${name} of ${file} is sensitive, so it was not looked at.`)
  for (const { text, path, words } of leaves) {
    const region = settingRegion(path, regions) ?? usual
    const at: Setting = { words, ...(region ? { region } : {}) }
    const found = recognise(text, at)
    if (found === 'needs-region')
      gaps.push(`Output ${path} of ${file} names something of a region, and nothing says of which.`)
    else facts.push(...found.map((thing: Thing) => ({ ...thing, from: `output ${path} of ${file}` })))
  }
  if (leaves.length === 0) gaps.push(`${file} has no outputs that can be read.`)
  return { facts, gaps }
}

const settingRegion = (path: string, regions: Outputs['regions']): string | undefined => {
  const side = sideInName(path)
  return regionInName(path.replaceAll('_', '-')) ?? (side && regions[side])
}
