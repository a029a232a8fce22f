import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { faultOf } from '../../src/engine/errors.ts'
import { productionApps, SLACKS_OWN, type Workspace } from './workspace.ts'

const Id = (first: string) =>
  z.string().regex(new RegExp(`^[${first}][A-Z0-9]{2,}$`), `not an id that starts with ${first}`)
const HttpUrl = z.url({ protocol: /^https?$/, error: 'not an http(s) URL' })

const People = z.object({
  channel: Id('CG'),
  requesters: z.array(Id('UW')).min(1, 'nobody'),
  approvers: z.array(Id('UW')).min(1, 'nobody'),
})
const SlackIds = z.object({
  api: HttpUrl,
  token: z.string().min(1),
  appId: Id('A'),
  teamId: Id('T'),
  ...People.shape,
  requesters: z.array(Id('UW')),
  approvers: z.array(Id('UW')),
})

/** The Slack a rehearsal talks to, as the contract's `slack` object names it. */
export type SlackIds = z.infer<typeof SlackIds>

/** What the command line says of Slack. */
export type SlackFlags = {
  readonly slack: boolean
  readonly api: string | undefined
  readonly file: string | undefined
  readonly channel: string | undefined
  readonly people: string | undefined
}

/**
 * A Slack other than the bundled one: `slack`, one whose Web API is spoken to and which delivers to the front itself; or
 * `workspace`, a real one over Socket Mode, with the tokens of `env`. What is wrong is added to the faults.
 */
export function slackOf(
  given: SlackFlags,
  env: NodeJS.ProcessEnv,
  faults: string[],
): { readonly slack?: SlackIds; readonly workspace?: Workspace } {
  if (given.slack) return workspaceOf(given, env, faults)
  const { api, file } = given
  if (given.channel || given.people) faults.push('--slack-channel and --slack-people belong to --slack')
  if (!api && !file) return {}
  if (!api || !file) {
    faults.push('--slack-api-url and --slack-ids belong together, or to --slack')
    return {}
  }
  const slack = fromFile(file, SlackIds, { api }, faults)
  return slack ? { slack } : {}
}

function workspaceOf({ api, file, channel, people }: SlackFlags, env: NodeJS.ProcessEnv, faults: string[]) {
  const { SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken } = env
  if (!token) faults.push('--slack: SLACK_BOT_TOKEN is not set (xoxb-…, on the page OAuth & Permissions)')
  if (!appToken) faults.push('--slack: SLACK_APP_TOKEN is not set (xapp-…, on the page Basic Information)')
  const isTold = file !== undefined || (channel !== undefined && people !== undefined)
  if (!isTold)
    faults.push(
      '--slack: say where and who: --slack-channel C… and --slack-people U…,U…, or --slack-ids FILE',
    )
  const ids = people?.split(',').map((id) => id.trim())
  const flags = { ...(channel ? { channel } : {}), ...(ids ? { requesters: ids, approvers: ids } : {}) }
  const told = file
    ? fromFile(file, People, flags, faults)
    : isTold
      ? checked('--slack', People, flags, faults)
      : undefined
  if (!token || !appToken || !told) return {}
  const { requesters, approvers } = told
  const production = productionApps(env)
  const where = { api: api ?? SLACKS_OWN, channel: told.channel }
  return { workspace: { ...where, token, appToken, requesters, approvers, production } }
}

function fromFile<T>(file: string, shape: z.ZodType<T>, over: object, faults: string[]): T | undefined {
  try {
    return checked(file, shape, { ...JSON.parse(readFileSync(file, 'utf8')), ...over }, faults)
  } catch (error) {
    faults.push(`--slack-ids: ${faultOf(error).message}`)
    return undefined
  }
}

function checked<T>(where: string, shape: z.ZodType<T>, value: unknown, faults: string[]): T | undefined {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  faults.push(...parsed.error.issues.map(({ path, message }) => `${where}: ${path.join('.')}: ${message}`))
  return undefined
}
