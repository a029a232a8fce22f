import { parseArgs } from 'node:util'
import { slackManifest, UNKNOWN_URL } from '../slack/manifest.ts'
import { misused, toldOrDone, understoodBy } from './command-line.ts'

const USAGE = 'understudy manifest [--command /dr] [--url URL | --socket]'

/**
 * `understudy manifest`: prints the manifest that Slack's "create from a manifest" takes. `--url` is where Slack delivers
 * requests (the front's address, known after the first deployment), `--socket` makes it an app for Socket Mode. Answers
 * the exit code: 0 printed, 2 bad input.
 */
export async function manifest(args: readonly string[], out: (text: string) => void): Promise<number> {
  return toldOrDone(false, out, () => {
    const { command, url, socket } = understood(args)
    out(JSON.stringify(slackManifest({ command, ...(socket ? {} : { url }) }), null, 2))
    return 0
  })
}

function understood(args: readonly string[]) {
  const options = {
    command: { type: 'string' },
    url: { type: 'string' },
    socket: { type: 'boolean' },
  } as const
  const { values } = understoodBy(USAGE, () => parseArgs({ args: [...args], options }))
  const { command = '/dr', url, socket = false } = values
  const faults = [
    ...(/^\/[a-z0-9_-]{1,24}$/.test(command)
      ? []
      : [`--command: “${command}” is no slash command of at most 24 small letters, digits, - and _`]),
    ...(url === undefined || isHttps(url) ? [] : [`--url: “${url}” is no https address`]),
    ...(url !== undefined && socket ? ['--url and --socket exclude each other'] : []),
  ]
  if (faults.length) throw misused(USAGE, faults)
  return { command, socket, url: url ?? UNKNOWN_URL }
}

const isHttps = (url: string) => URL.canParse(url) && new URL(url).protocol === 'https:'
