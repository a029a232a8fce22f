import { describe, expect, test } from 'vitest'
import { PostedMessages } from '../../src/slack/posted.ts'
import { type FrontAt, frontAt } from './front-support.ts'
import {
  ANNA,
  APP,
  approved,
  BEN,
  CHANNEL,
  proposal,
  SECRET,
  STRANGER,
  signed,
  started,
  TEAM,
} from './support.ts'

const THREAD = '1700000000.000100'
const HASH = 'ab'.repeat(32)
const PLAN = {
  id: 'F1',
  name: 'dr-platform.json',
  size: 4096,
  url_private: 'https://files.slack.com/files-pri/T0HOME-F1/dr-platform.json',
}

const event = (changes: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}) =>
  JSON.stringify({
    token: 'verification-token-1',
    team_id: TEAM,
    api_app_id: APP,
    type: 'event_callback',
    event_id: 'Ev1',
    event_time: 1700000001,
    authorizations: [{ enterprise_id: null, team_id: TEAM, is_bot: true, is_enterprise_install: false }],
    event: {
      type: 'message',
      subtype: 'file_share',
      user: BEN,
      team: TEAM,
      bot_id: null,
      text: '',
      files: [PLAN],
      channel: CHANNEL,
      ts: '1700000001.000200',
      thread_ts: THREAD,
      channel_type: 'channel',
      ...changes,
    },
    ...envelope,
  })

const deliver = (front: FrontAt, body: string, headers: Record<string, string> = {}) =>
  front.send(signed(body, { at: front.clock.now(), type: 'application/json', headers }))

/** A run whose board heads the thread. */
async function frontWithThread(): Promise<FrontAt> {
  const front = frontAt()
  await front.journal.append('run-1', 'proposed', { type: 'proposed', proposal: proposal() })
  await front.journal.append('run-1', 'approved', approved)
  await front.journal.append('run-1', 'started', started)
  await new PostedMessages(front.journal).heads('run-1', CHANNEL, THREAD)
  return front
}

describe('a file in a run’s thread', () => {
  test('that is a Terraform plan becomes one work item', async () => {
    const front = await frontWithThread()
    const text = `of the dr platform, sha256 ${HASH.toUpperCase()}`
    expect(await deliver(front, event({ text }))).toEqual({ statusCode: 200, body: '' })
    expect(await front.asks()).toEqual([
      {
        kind: 'scan',
        by: BEN,
        channel: CHANNEL,
        runId: 'run-1',
        file: { name: 'dr-platform.json', url: PLAN.url_private, size: 4096 },
        planSha256: HASH,
        message: '1700000001.000200',
      },
    ])
    expect(front.ephemerals()).toEqual([])
    expect(front.woken()).toBe(1)
  })

  test('is one item however often Slack delivers it, signed anew each time', async () => {
    const front = await frontWithThread()
    for (const round of [0, 1, 2]) {
      const again: Record<string, string> = round ? { 'X-Slack-Retry-Num': String(round) } : {}
      expect((await deliver(front, event(), again)).statusCode).toBe(200)
      front.clock.advance(61_000)
    }
    expect(await front.asks()).toHaveLength(1)
    expect(front.ephemerals()).toEqual([])
  })

  test('two plans in one message are two items, and a hash beside them is of neither', async () => {
    const front = await frontWithThread()
    await deliver(front, event({ text: HASH, files: [PLAN, { ...PLAN, id: 'F2', name: 'home.JSON' }] }))
    const asks = await front.asks()
    expect(asks.map((ask) => ask.kind === 'scan' && ask.file.name)).toEqual(['dr-platform.json', 'home.JSON'])
    expect(asks.some((ask) => 'planSha256' in ask)).toBe(false)
  })

  test.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['outside any thread', { thread_ts: undefined }],
    ['in a thread of nobody', { thread_ts: '1700000000.000999' }],
    ['in the same thread of another channel', { channel: 'C0OTHER' }],
    ['from a bot', { bot_id: 'B1' }],
    ['from nobody', { user: undefined }],
    ['from an outsider in a shared channel', { team: 'T0GUEST' }],
    ['from an outsider, said the other way', { user_team: 'T0GUEST' }],
    ['edited', { subtype: 'message_changed' }],
    ['a picture', { files: [{ ...PLAN, name: 'graph.png' }] }],
    ['a file Slack no longer has', { files: [{ id: 'F1', mode: 'tombstone' }] }],
    ['no file at all', { files: undefined }],
    ['files that are no list', { files: 'x' }],
    ['for another app', {}, { api_app_id: 'A0OTHER' }],
    ['in another workspace', {}, { team_id: 'T0OTHER' }],
    ['for a whole organisation', {}, { authorizations: [{ is_enterprise_install: true }] }],
    ['an event of another kind', { type: 'reaction_added' }],
    ['no event', {}, { event: null }],
  ])('%s: met by silence', async (_, changes, envelope) => {
    const front = await frontWithThread()
    expect(await deliver(front, event(changes, envelope))).toEqual({ statusCode: 200, body: '' })
    expect(await front.asks()).toEqual([])
    expect(front.calls).toEqual([])
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['from somebody the plan does not name', { user: STRANGER }, `These people may: <@${ANNA}>, <@${BEN}>.`],
    ['too large', { files: [{ ...PLAN, size: 21 * 1024 * 1024 }] }, 'it is larger than 20 MB'],
    ['a binary plan', { files: [{ ...PLAN, name: 'dr.tfplan' }] }, 'only .json files are read here'],
    [
      'a plan as text',
      { files: [{ ...PLAN, name: 'terraform <!here>.txt' }] },
      '“terraform &lt;!here&gt;.txt”',
    ],
  ])('%s: told once, in the thread, to them alone', async (_, changes, says) => {
    const front = await frontWithThread()
    await deliver(front, event(changes))
    await deliver(front, event(changes), { 'X-Slack-Retry-Num': '1' })
    expect(front.ephemerals()).toEqual([expect.stringContaining(says)])
    expect(front.calls).toMatchObject([{ method: 'chat.postEphemeral', thread_ts: THREAD }])
    expect(await front.asks()).toEqual([])
  })

  test('that nobody signed goes nowhere', async () => {
    const front = await frontWithThread()
    const forged = signed(event(), { at: front.clock.now(), type: 'application/json', secret: `${SECRET}x` })
    expect((await front.send(forged)).statusCode).toBe(401)
    expect(await front.asks()).toEqual([])
  })

  test('is asked for again when the journal cannot be written', async () => {
    const front = await frontWithThread()
    front.journal.close()
    expect((await deliver(front, event())).statusCode).toBe(500)
  })
})
