import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { drError, faultOf } from '../src/engine/errors.ts'

const Id = (first: string) =>
  z.string().regex(new RegExp(`^[${first}][A-Z0-9]{2,}$`), `not an id that starts with ${first}`)
const HttpUrl = z.url({ protocol: /^https?$/, error: 'not an http(s) URL' })

const SlackIds = z.object({
  api: HttpUrl,
  token: z.string().min(1),
  appId: Id('A'),
  teamId: Id('T'),
  channel: Id('CG'),
  requesters: z.array(Id('UW')),
  approvers: z.array(Id('UW')),
})

/** The Slack a rehearsal talks to, as the contract's `slack` object names it. */
export type SlackIds = z.infer<typeof SlackIds>

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
  /** A Slack other than the bundled one. */
  readonly slack?: SlackIds
}

const options = {
  headless: { type: 'boolean' },
  json: { type: 'boolean' },
  'console-port': { type: 'string' },
  'aws-port': { type: 'string' },
  'time-scale': { type: 'string' },
  seed: { type: 'string' },
  'state-dir': { type: 'string' },
  'slack-api-url': { type: 'string' },
  'slack-ids': { type: 'string' },
} as const

export const usage = `npm start -- [--headless] [--json] [--console-port N] [--aws-port N] [--time-scale N] [--seed N]
             [--state-dir DIR] [--slack-api-url URL --slack-ids FILE]`

/** The command line of `npm start`; throws CONFIG_INVALID with every fault at once. */
export function parseFlags(argv: readonly string[]): Flags {
  const faults: string[] = []
  const { tokens, values } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(`“${token.value}” is not a flag`)
    if (token.kind === 'option') faults.push(...optionFaults(token.name, token.rawName, token.value))
  }
  const given = values as Partial<Record<keyof typeof options, string>>
  const timeScale = numberOf(given, 'time-scale', { from: 0, to: 3600 }, faults)
  const seed = numberOf(given, 'seed', { from: 0, to: 2 ** 31 - 1, whole: true }, faults)
  const slack = slackOf(given['slack-api-url'], given['slack-ids'], faults)
  const port = { from: 0, to: 65535, whole: true }
  const flags: Flags = {
    headless: values.headless === true,
    json: values.json === true,
    consolePort: numberOf(given, 'console-port', port, faults) ?? 0,
    awsPort: numberOf(given, 'aws-port', port, faults) ?? 0,
    stateDir: resolve(given['state-dir'] || '.understudy/rehearsal'),
    ...(timeScale === undefined ? {} : { timeScale }),
    ...(seed === undefined ? {} : { seed }),
    ...(slack ? { slack } : {}),
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

function slackOf(api: string | undefined, file: string | undefined, faults: string[]): SlackIds | undefined {
  if (!api && !file) return undefined
  if (!api || !file) {
    faults.push('--slack-api-url and --slack-ids belong together')
    return undefined
  }
  try {
    const parsed = SlackIds.safeParse({ ...JSON.parse(readFileSync(file, 'utf8')), api })
    if (parsed.success) return parsed.data
    faults.push(...parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`))
  } catch (error) {
    faults.push(`--slack-ids: ${faultOf(error).message}`)
  }
  return undefined
}
