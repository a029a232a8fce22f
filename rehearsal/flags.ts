import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { drError } from '../src/engine/errors.ts'
import { type SlackIds, slackOf } from './slack/flags.ts'
import type { Workspace } from './slack/workspace.ts'

/** Where the bot keeps its journal and its runs are carried out: this machine's files, or AWS's services, simulated. */
export const backends = ['local', 'aws'] as const
export type BackendName = (typeof backends)[number]

export type Flags = {
  readonly headless: boolean
  readonly json: boolean
  /** 0 picks a free one. */
  readonly consolePort: number
  readonly awsPort: number
  /** World milliseconds per wall millisecond; 0 = moved by hand only. */
  readonly timeScale?: number
  readonly seed?: number
  readonly stateDir: string
  /** Absent: the one that the state folder is of already, or else `local`. */
  readonly backend?: BackendName
  /** A Slack other than the bundled one, which delivers to the front. */
  readonly slack?: SlackIds
  /** A real workspace, over Socket Mode. */
  readonly workspace?: Workspace
}

const options = {
  headless: { type: 'boolean' },
  json: { type: 'boolean' },
  'console-port': { type: 'string' },
  'aws-port': { type: 'string' },
  'time-scale': { type: 'string' },
  seed: { type: 'string' },
  'state-dir': { type: 'string' },
  backend: { type: 'string' },
  slack: { type: 'boolean' },
  'slack-channel': { type: 'string' },
  'slack-people': { type: 'string' },
  'slack-api-url': { type: 'string' },
  'slack-ids': { type: 'string' },
} as const

export const usage = `npm start -- [--headless] [--json] [--console-port N] [--aws-port N] [--time-scale N] [--seed N]
             [--state-dir DIR] [--backend local|aws] [--slack-api-url URL --slack-ids FILE]
             [--slack --slack-channel C… --slack-people U…,U…]`

/** The command line of `npm start`; a real workspace's tokens are in `env`. Throws CONFIG_INVALID with every fault at once. */
export function parseFlags(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Flags {
  const faults: string[] = []
  const { tokens, values } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(`“${token.value}” is not a flag`)
    if (token.kind === 'option') faults.push(...optionFaults(token.name, token.rawName, token.value))
  }
  const given = values as Partial<Record<keyof typeof options, string>>
  const timeScale = numberOf(given, 'time-scale', { from: 0, to: 3600 }, faults)
  const seed = numberOf(given, 'seed', { from: 0, to: 2 ** 31 - 1, whole: true }, faults)
  const slack = slackOf(
    {
      slack: values.slack === true,
      api: given['slack-api-url'],
      file: given['slack-ids'],
      channel: given['slack-channel'],
      people: given['slack-people'],
    },
    env,
    faults,
  )
  const backend = backends.find((name) => name === given.backend)
  if (given.backend && !backend)
    faults.push(`--backend: “${given.backend}” is none of ${backends.join(', ')}`)
  const port = { from: 0, to: 65535, whole: true }
  const flags: Flags = {
    headless: values.headless === true,
    json: values.json === true,
    consolePort: numberOf(given, 'console-port', port, faults) ?? 0,
    awsPort: numberOf(given, 'aws-port', port, faults) ?? 0,
    stateDir: resolve(given['state-dir'] || '.understudy/rehearsal'),
    ...(backend ? { backend } : {}),
    ...(timeScale === undefined ? {} : { timeScale }),
    ...(seed === undefined ? {} : { seed }),
    ...slack,
  }
  if (faults.length) throw drError('CONFIG_INVALID', { faults })
  return flags
}

function optionFaults(name: string, raw: string, value: string | undefined): string[] {
  const option = options[name as keyof typeof options]
  if (!option) return [`${raw} is not a flag`]
  if (option.type === 'string' && !value) return [`${raw} needs a value`]
  return option.type === 'boolean' && value !== undefined ? [`${raw} takes no value`] : []
}

type Range = { from: number; to: number; whole?: boolean }

function numberOf(
  given: Partial<Record<keyof typeof options, string>>,
  name: keyof typeof options,
  { from, to, whole }: Range,
  faults: string[],
): number | undefined {
  const text = given[name]
  if (typeof text !== 'string' || text === '') return undefined
  const value = Number(text)
  if (value >= from && value <= to && (!whole || Number.isInteger(value))) return value
  faults.push(`--${name}: “${text}” is not a ${whole ? 'whole ' : ''}number from ${from} to ${to}`)
  return undefined
}
