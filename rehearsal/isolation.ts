import { Socket } from 'node:net'

/** Not to be had by a rehearsal's processes: whatever could lead to a real account, another proxy, or foreign code. */
const unwanted = /^(AWS_|NODE_OPTIONS$|NODE_USE_ENV_PROXY$|(https?|all|no)_proxy$|SLACK_|UNDERSTUDY_)/i

/** Credentials that open nothing, and nowhere to look for better ones. */
const dummies = {
  AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL0000000',
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
} as const

/**
 * The environment for a process of the rehearsal: this one's, without ways out, with `edge` as its internet but for the
 * hosts of its Slack.
 */
export function isolated(
  env: NodeJS.ProcessEnv,
  edge: string,
  slackHosts: readonly string[],
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !unwanted.test(name))
  return {
    ...Object.fromEntries(kept),
    ...dummies,
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: edge,
    HTTPS_PROXY: edge,
    NO_PROXY: ['127.0.0.1', 'localhost', ...slackHosts].join(),
  }
}

/** The hosts of a Slack whose Web API is there; without an address Slack's own, which has names for files and sockets. */
export const slackHosts = (api: string | undefined): readonly string[] =>
  api === undefined ? ['slack.com', '.slack.com'] : [new URL(api).hostname]

/** Takes the same ways out of this process. */
export function stripEnvironment(): void {
  for (const name of Object.keys(process.env)) if (unwanted.test(name)) delete process.env[name]
}

/**
 * From now on this process opens no socket that leaves the machine, whatever library asks for one; `alsoAllowed` are
 * host names of a foreign Slack; `.name` is every name below it. Throws in the caller of `connect`.
 */
export function stayOnThisMachine(alsoAllowed: readonly string[]): void {
  const connect = Socket.prototype.connect
  const allowed = new Set(['localhost', '::1', ...alsoAllowed])
  const below = alsoAllowed.filter((name) => name.startsWith('.'))
  const mayReach = (host: string) =>
    allowed.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host) || below.some((name) => host.endsWith(name))
  const guarded = function (this: Socket, ...args: unknown[]) {
    const host = hostOf(args)
    if (host !== undefined && !mayReach(host)) throw new Error(`A rehearsal opens no connection to ${host}.`)
    return Reflect.apply(connect, this, args)
  }
  Socket.prototype.connect = guarded as typeof connect
}

/** The host of a `connect` call in any of its forms; undefined for a local pipe. */
function hostOf(args: readonly unknown[]): string | undefined {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof first === 'object' && first !== null) {
    const { path, host } = first as { path?: string; host?: string }
    return path ? undefined : (host ?? 'localhost')
  }
  if (typeof first !== 'number') return undefined
  return typeof args[1] === 'string' ? args[1] : 'localhost'
}
