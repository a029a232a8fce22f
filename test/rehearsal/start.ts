import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Picture } from '../../rehearsal/console/picture.ts'
import type { Contract } from '../../rehearsal/rehearse.ts'
import { signed } from '../../rehearsal/slack/deliver.ts'

/** A rehearsal started as its users start it. */
export type Started = { readonly npm: ChildProcess; readonly contract: Contract; readonly lines: string[] }

/** A fresh state folder, and the way to be rid of it. */
export function stateDir(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'understudy-rehearsal-'))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** `npm start -- --headless --json …`; rejects with what it printed when it ends before it is ready. */
export async function startRehearsal(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const npm = spawn('npm', ['start', '--silent', '--', '--headless', '--json', ...args], {
    env: { ...process.env, ...env },
  })
  const lines: string[] = []
  let errors = ''
  npm.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  const ready = new Promise<void>((resolve) => {
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter(Boolean))
      resolve()
    })
  })
  const ended = once(npm, 'exit').then(([code]) => {
    throw new Error(`npm start ended with ${code}: ${errors}`)
  })
  await Promise.race([ready, ended])
  ended.catch(() => {})
  return { npm, contract: JSON.parse(lines[0] ?? ''), lines }
}

/** SIGTERM to the npm process, as a terminal or a service manager would; answers how it ended. */
export async function stop({ npm }: Started): Promise<number | null> {
  if (npm.exitCode !== null) return npm.exitCode
  const ended = once(npm, 'exit')
  npm.kill('SIGTERM')
  const [code] = await ended
  return code as number | null
}

/** SIGKILL to the world process: no goodbye. Resolves when npm has noticed. */
export async function crash({ npm, contract }: Started): Promise<void> {
  const ended = once(npm, 'exit')
  process.kill(contract.pid, 'SIGKILL')
  await ended
}

export const pictureOf = async ({ console }: Contract): Promise<Picture> =>
  (await fetch(`${console}/api/picture`)).json() as Promise<Picture>

/** The console's way to do something, as its page does it. */
export async function doAct({ console }: Contract, act: string, body: object): Promise<void> {
  const response = await fetch(`${console}/api/${act}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${act}: ${response.status} ${await response.text()}`)
}

/** Posts a signed slash command to the front, as Slack would. */
export async function slash({ front, signingSecret, slack }: Contract, user: string, text: string) {
  const body = new URLSearchParams({
    command: '/dr',
    text,
    user_id: user,
    team_id: slack.teamId,
    api_app_id: slack.appId,
    channel_id: slack.channel,
    trigger_id: 'unused',
    is_enterprise_install: 'false',
  }).toString()
  return fetch(front, { method: 'POST', headers: signed(body, signingSecret), body })
}

/** The first defined answer of `look`, asked ten times a second; rejects after `ms`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  ms = 20_000,
): Promise<T> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((wake) => setTimeout(wake, 100))
  }
  throw new Error(`Not within ${ms / 1000} s: ${what}`)
}

export function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
