import { channel } from 'node:diagnostics_channel'

/** Calls of `fetch` on their way in this process: here, everything between the bot and Slack. */
let fetches = 0
for (const [name, change] of [
  ['undici:request:create', 1],
  ['undici:request:trailers', -1],
  ['undici:request:error', -1],
] as const)
  channel(name).subscribe(() => {
    fetches += change
  })

/** Whether Slack is being talked to: that takes none of the world's time. */
export const slackIsBusy = (): boolean => fetches > 0

export const wall = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms))
