import type { WebClient } from '@slack/web-api'
import { slackApp } from '../../src/slack/app.ts'
import { type Ask, askOf } from '../../src/slack/asks.ts'
import { logTo } from '../../src/slack/log.ts'
import { type HttpAnswer, type HttpEvent, SlackReceiver } from '../../src/slack/receiver.ts'
import { clockAt, journalAt, PINS, PLANS, SECRET, signed } from './support.ts'

type Call = {
  method: string
  channel?: string
  user?: string
  text?: string
  view?: { callback_id?: string; blocks: unknown[] }
}

/** A whole front over a real journal; Slack's Web API is a list of what was called. */
export function frontAt(options: { secrets?: () => readonly string[]; plans?: typeof PLANS } = {}) {
  const plans = structuredClone(options.plans ?? PLANS)
  const clock = clockAt()
  const journal = journalAt(clock)
  const calls: Call[] = []
  const lines: string[] = []
  let woken = 0
  const slack = { refusing: undefined as Error | undefined }
  const called = (method: string) => async (given: object) => {
    if (slack.refusing) throw slack.refusing
    calls.push({ method, ...given })
    return { ok: true }
  }
  const client = {
    views: { open: called('views.open') },
    chat: { postEphemeral: called('chat.postEphemeral') },
  } as unknown as WebClient
  const log = logTo((line) => lines.push(line))
  const now = () => clock.now()
  const receiver = new SlackReceiver({ secrets: options.secrets ?? (() => [SECRET]), now, log })
  const app = slackApp({
    receiver,
    pins: PINS,
    plans,
    journal,
    client,
    now,
    wake: () => void woken++,
    log,
    stamp: 'SIMULATED',
  })

  /** What the worker would claim, oldest first. */
  const asks = async (): Promise<Ask[]> => {
    const found: Ask[] = []
    for (let item = await journal.claim('test', 1e6); item; item = await journal.claim('test', 1e6))
      found.push(askOf(item))
    return found
  }
  const send = (event: HttpEvent): Promise<HttpAnswer> => receiver.handle(event)
  const post = (body: string): Promise<HttpAnswer> => send(signed(body, { at: clock.now() }))
  const ephemerals = () =>
    calls.filter(({ method }) => method === 'chat.postEphemeral').map(({ text }) => text ?? '')
  return {
    plans: plans.plans as unknown as [{ slack: { approvers: string[] } }],
    app,
    clock,
    journal,
    calls,
    lines,
    slack,
    asks,
    send,
    post,
    ephemerals,
    woken: () => woken,
  }
}

export type FrontAt = ReturnType<typeof frontAt>
export const textOf = ({ body }: HttpAnswer): string => (body ? String(JSON.parse(body).text) : '')
export const errorsOf = ({ body }: HttpAnswer): Record<string, string> =>
  body ? JSON.parse(body).errors : {}
