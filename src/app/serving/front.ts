import type { Clock, Journal } from '../../engine/ports.ts'
import type { Plans } from '../../plan/plans.ts'
import { slackApp } from '../../slack/app.ts'
import { slackClient } from '../../slack/client.ts'
import type { Log } from '../../slack/log.ts'
import { type HttpAnswer, type HttpEvent, SlackReceiver } from '../../slack/receiver.ts'
import type { Config } from '../config.ts'
import { type Secrets, secretsOf } from '../secrets.ts'

/** Slack gives three seconds from click to form, our own work included. */
const FORM_MS = 2_000

export type FrontParts = {
  readonly plans: Plans
  readonly journal: Journal
  readonly people: Clock
  readonly log: Log
  /** Tells the worker that there is something to claim. */
  wake(): void | Promise<void>
}

/** The front: takes Slack's requests, writes what was asked as a work item, answers. Knows neither AWS nor flows. */
export function composeFront(config: Config, parts: FrontParts): (event: HttpEvent) => Promise<HttpAnswer> {
  const { people, log } = parts
  const secrets = secretsOf(config, { people, log })
  const receiver = new SlackReceiver({
    secrets: () => secrets.signing(),
    rotated: () => secrets.again(),
    now: () => people.now(),
    log,
  })
  frontApp(config, parts, { receiver, secrets })
  return (event) => receiver.handle(event)
}

/** What is behind every receiver, whichever way requests come. */
export function frontApp(
  { slack, stamp }: Config,
  { plans, journal, people, log, wake }: FrontParts,
  {
    receiver,
    secrets,
  }: { readonly receiver: Parameters<typeof slackApp>[0]['receiver']; readonly secrets: Secrets },
): void {
  const { apiUrl, appId, teamId, enterpriseId, command } = slack
  slackApp({
    receiver,
    pins: { appId, teamId, ...(enterpriseId ? { enterpriseId } : {}), ...(command ? { command } : {}) },
    plans,
    journal,
    client: slackClient({ secrets, log, timeoutMs: FORM_MS, ...(apiUrl ? { apiUrl } : {}) }),
    now: () => people.now(),
    wake,
    log,
    ...(stamp ? { stamp } : {}),
  })
}
