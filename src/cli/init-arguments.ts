import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { drError } from '../engine/errors.ts'
import type { Sources } from '../init/plan-text.ts'
import { misused } from './command-line.ts'

/** How it is typed. */
export const USAGE = `understudy init NAME [--terraform FILE…] [--global-cluster ID] [--home REGION] [--dr REGION]
  [--cluster-name ECS-CLUSTER] [--zone ZONE] [--record NAME] [--role ARN] [--external-id ID]
  [--dns-role ARN] [--dns-external-id ID] [--out FILE]
FILE of --terraform is the output of \`terraform output -json\`. With --global-cluster, AWS is looked at, read only.`

const MAX_BYTES = 50 * 2 ** 20

const strings = [
  'global-cluster',
  'home',
  'dr',
  'cluster-name',
  'zone',
  'record',
  'role',
  'external-id',
  'dns-role',
  'dns-external-id',
  'out',
  'rehearsal',
] as const
type Flag = (typeof strings)[number]
const isFlag = (name: string): name is Flag => (strings as readonly string[]).includes(name)

/** The command line of `understudy init`: where to draft from and to. Throws CONFIG_INVALID with every fault of it. */
export function understood(args: readonly string[]) {
  const { values, name, files, faults } = parsed(args)
  const region = (flag: 'home' | 'dr') => {
    const given = values[flag]
    if (given !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(given))
      faults.push(`--${flag} is a region, such as us-east-1, not “${given}”`)
  }
  region('home')
  region('dr')
  if (values.home !== undefined && values.home === values.dr)
    faults.push('--home and --dr are the same region')
  if (name === undefined) faults.push("the plan's name is missing")
  else if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    faults.push(
      `“${name}” is no name of a plan: lower case letters, digits and hyphens, a letter first, at most 32`,
    )
  if (files.length === 0 && values['global-cluster'] === undefined)
    faults.push('say where to look: --terraform FILE…, or --global-cluster ID --home REGION, or both')
  if (faults.length) throw misused(USAGE, faults)
  const to = values.out ?? join(process.env.UNDERSTUDY_PLANS || 'plans', `${name}.yaml`)
  return { sources: () => sourcesOf(String(name), files, values), rehearsal: values.rehearsal, to }
}

type Words = {
  readonly values: Partial<Record<Flag, string>>
  readonly names: string[]
  readonly files: string[]
  readonly faults: string[]
}

function parsed(args: readonly string[]) {
  const options = Object.fromEntries(strings.map((flag) => [flag, { type: 'string' as const }]))
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, terraform: { type: 'string' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const words: Words = { values: {}, names: [], files: [], faults: [] }
  // What follows a file of --terraform is another one: `--terraform home.json dr.json`.
  let listing = false
  for (const token of tokens) {
    if (token.kind === 'positional') words[listing ? 'files' : 'names'].push(token.value)
    if (token.kind !== 'option') continue
    listing = token.name === 'terraform'
    take(words, token)
  }
  const [name, ...more] = words.names
  if (more.length) words.faults.push(`one plan at a time: what is “${more.join(' ')}”?`)
  return { ...words, name }
}

type Option = { readonly name: string; readonly rawName: string; readonly value?: string | undefined }

function take({ values, files, faults }: Words, { name, rawName, value }: Option): void {
  if (name !== 'terraform' && !isFlag(name)) faults.push(`there is no flag ${rawName}`)
  else if (!value) faults.push(`${rawName} needs a value`)
  else if (isFlag(name)) values[name] = value
  else files.push(value)
}

function sourcesOf(name: string, files: readonly string[], values: Partial<Record<Flag, string>>): Sources {
  const optional = <K extends string>(key: K, flag: Flag) =>
    (values[flag] === undefined ? {} : { [key]: values[flag] }) as { [P in K]?: string }
  return {
    name,
    files: filesIn(files),
    regions: { ...optional('home', 'home'), ...optional('dr', 'dr') },
    ...optional('globalCluster', 'global-cluster'),
    ...optional('clusterName', 'cluster-name'),
    ...optional('zone', 'zone'),
    ...optional('record', 'record'),
    workload: { ...optional('role', 'role'), ...optional('externalId', 'external-id') },
    dns: { ...optional('role', 'dns-role'), ...optional('externalId', 'dns-external-id') },
  }
}

/** All of them are read before any is judged, so that every file that cannot be is named. */
function filesIn(paths: readonly string[]) {
  const faults: string[] = []
  const files = paths.map((path) => {
    try {
      const bytes = readFileSync(path)
      if (bytes.length > MAX_BYTES) faults.push(`${path}: is larger than ${MAX_BYTES / 2 ** 20} MB`)
      return { name: basename(path), text: bytes.toString('utf8') }
    } catch (error) {
      faults.push(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      return { name: path, text: '' }
    }
  })
  if (faults.length) throw drError('CONFIG_INVALID', { faults })
  return files
}
