import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { attach } from '../../rehearsal/slack/attach.ts'
import { app, cast, workspace } from '../../rehearsal/slack/cast.ts'
import type { Delivery } from '../../rehearsal/slack/deliver.ts'
import { openSlack } from '../../rehearsal/slack/open.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { slackApp } from '../../src/slack/app.ts'
import { askOf } from '../../src/slack/asks.ts'
import { slackClient } from '../../src/slack/client.ts'
import { readFile } from '../../src/slack/files.ts'
import { PostedMessages } from '../../src/slack/posted.ts'
import { SlackReceiver } from '../../src/slack/receiver.ts'
import { clockAt, journalAt, proposal, SECRET } from './support.ts'

const TOKEN = 'xoxb-rehearsal'
const [maya, , , sam] = cast
const content = JSON.stringify({ format_version: '1.2', text: 'é'.repeat(1000) })

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** The rehearsal's Slack, and a front behind it that refuses its first `refusals` requests. */
async function playing(refusals = 0) {
  const journal = journalAt(clockAt(Date.now()))
  const asked: (string | undefined)[] = []
  let handle: SlackReceiver['handle'] = async () => ({ statusCode: 500, body: '' })
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    asked.push(request.headers['x-slack-retry-num'] as string | undefined)
    const headers = request.headers as Record<string, string>
    const { statusCode, body: said } =
      asked.length <= refusals ? { statusCode: 503, body: '' } : await handle({ headers, body })
    response.writeHead(statusCode).end(said)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const front = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const side = await openSlack(undefined, { signing: SECRET, token: TOKEN }, () => front)
  closing.push(() => side.close())
  const log = () => {}
  const receiver = new SlackReceiver({ secrets: () => [SECRET], now: () => Date.now(), log })
  const plan = {
    name: 'orders',
    slack: {
      channel: workspace.channel,
      requesters: [maya.id],
      approvers: [],
      twoPeople: true,
      breakGlass: [],
    },
  } as unknown as Plan
  slackApp({
    receiver,
    pins: { appId: app.appId, teamId: workspace.teamId },
    plans: { plans: [plan], broken: [] },
    journal,
    client: slackClient({ token: TOKEN, log, apiUrl: side.ids.api as string }),
    now: () => Date.now(),
    wake() {},
    log,
  })
  handle = (event) => receiver.handle(event)
  const to = side.bundled as Delivery
  const head = await slackClient({ token: TOKEN, log, apiUrl: side.ids.api as string }).chat.postMessage({
    channel: workspace.channel,
    text: 'the board',
  })
  const thread = head.ts as string
  const about = proposal({ channel: workspace.channel })
  await journal.append('run-1', 'proposed', { type: 'proposed', proposal: about })
  await new PostedMessages(journal).heads('run-1', workspace.channel, thread)
  const claimed = async () => {
    const item = await journal.claim('test', 1e6)
    return item && askOf(item)
  }
  return { to, thread, claimed, asked, api: side.ids.api as string }
}

describe('a file in a thread of the rehearsal', () => {
  test('reaches the front as an event, and its text by the bot’s token alone', async () => {
    const { to, thread, claimed, api } = await playing()
    const ts = await attach(to, maya, { thread, name: 'home platform.json', content, comment: 'of home' })
    const ask = await claimed()
    expect(ask).toMatchObject({ kind: 'scan', by: maya.id, runId: 'run-1', message: ts })
    if (ask?.kind !== 'scan') throw new Error('no scan')
    expect(ask.file).toMatchObject({ name: 'home platform.json', size: Buffer.byteLength(content) })
    expect(await readFile(ask.file, { token: TOKEN, apiUrl: api })).toBe(content)
    expect(await (await fetch(ask.file.url)).text()).not.toContain('format_version')
    expect(to.room.find(ts)).toMatchObject({
      thread_ts: thread,
      user: maya.id,
      text: 'of home',
      files: [{ name: 'home platform.json' }],
    })
  })

  test('is delivered again when the front was away, and is one item', async () => {
    const { to, thread, claimed, asked } = await playing(1)
    await attach(to, maya, { thread, name: 'home.json', content })
    expect(asked).toEqual([undefined, '1'])
    expect(await claimed()).toMatchObject({ kind: 'scan' })
    expect(await claimed()).toBeUndefined()
  })

  test('of somebody the plan does not name is refused in a whisper', async () => {
    const { to, thread, claimed } = await playing()
    await attach(to, sam, { thread, name: 'home.json', content })
    expect(await claimed()).toBeUndefined()
    const whispers = to.room.messages.filter((message) => message.to === sam.id)
    expect(whispers).toMatchObject([{ thread_ts: thread, text: expect.stringContaining('These people may') }])
  })
})
