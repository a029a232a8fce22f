import { WebClient } from '@slack/web-api'
import { createEmulator, type Emulator, type EmulatorOptions } from 'emulate'
import type { WorldClock } from '../../rehearsal/clock.ts'
import type { Proposal, Run, RunEvent } from '../../src/engine/run.ts'
import { Announcer } from '../../src/slack/announce.ts'
import { slackClient } from '../../src/slack/client.ts'
import { logTo } from '../../src/slack/log.ts'
import { faultProxy } from './fault-proxy.ts'
import { clockAt, journalAt, proposal } from './support.ts'

const TOKEN = 'xoxb-test-announcer'
type Message = {
  ts: string
  text: string
  thread_ts?: string
  reply_broadcast?: boolean
  blocks?: { type: string; block_id?: string }[]
  metadata?: { event_payload: { key: string; version: number } }
}

/** An announcer over a real journal, and a Slack that nobody here wrote, behind a proxy that can fail. */
export async function room(reportOf?: (run: Run) => Promise<string | undefined>) {
  const emulator = await emptySlack()
  const proxy = await faultProxy(() => emulator.url)
  const people = clockAt()
  const world = clockAt()
  const journal = journalAt(people, world)
  const lines: string[] = []
  const direct = () => new WebClient(TOKEN, { slackApiUrl: `${emulator.url}/api/` })
  const channelOf = async () =>
    (await direct().conversations.list({})).channels?.find(({ name }) => name === 'orders')?.id ?? ''
  const channel = await channelOf()
  const memberOf = async () =>
    (await direct().users.list({})).members?.find(({ name }) => name === 'anna')?.id ?? ''

  const announcers: Announcer[] = []
  const start = (clocks: { people?: WorldClock } = {}) => {
    const announcer = new Announcer({
      client: slackClient({
        token: TOKEN,
        apiUrl: proxy.url,
        timeoutMs: 300,
        log: logTo((line) => lines.push(line)),
      }),
      journal,
      holder: `process-${announcers.length + 1}`,
      people: clocks.people ?? people,
      worldNow: () => world.now(),
      log: logTo((line) => lines.push(line)),
      stamp: 'SIMULATED',
      ...(reportOf ? { reportOf } : {}),
    })
    announcers.push(announcer)
    return announcer
  }

  const messages = async (thread?: string): Promise<Message[]> => {
    const client = direct()
    const page = { channel, limit: 200, include_all_metadata: true }
    const { messages = [] } = thread
      ? await client.conversations.replies({ ...page, ts: thread })
      : await client.conversations.history(page)
    const found = messages as unknown as Message[]
    return thread ? found.slice(1) : found.toReversed()
  }
  const keyed = async (key: string) =>
    (await messages()).filter((message) => message.metadata?.event_payload.key === key)
  const theBoard = async () => (await keyed('board'))[0] as Message
  const inThread = async () => messages((await theBoard()).ts)
  return {
    announcer: start(),
    start,
    journal,
    people,
    world,
    proxy,
    lines,
    messages,
    keyed,
    theBoard,
    inThread,
    memberOf,
    channel: () => channel,
    async close() {
      for (const announcer of announcers) announcer.close()
      await proxy.close()
      await emulator.close()
      journal.close()
    },
  }
}

export type Room = Awaited<ReturnType<typeof room>>

const emptySlack = (): Promise<Emulator> =>
  createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: 'Home', domain: 'home' },
        users: [{ name: 'anna' }],
        channels: [{ name: 'orders' }],
        tokens: [{ token: TOKEN, scopes: [] }],
      },
    },
  } as EmulatorOptions)

export async function propose(at: Room, changes: Partial<Proposal> = {}): Promise<void> {
  const event: RunEvent = { type: 'proposed', proposal: proposal({ channel: at.channel(), ...changes }) }
  await at.journal.append('run-1', 'proposed', event)
}

export async function happen(at: Room, ...events: readonly (readonly [string, RunEvent])[]): Promise<void> {
  for (const [key, event] of events) {
    at.world.advance(1000)
    await at.journal.append('run-1', key, event)
  }
}
