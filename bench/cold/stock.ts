// What the documentation of Bolt shows: its own Lambda receiver, and one listener that takes the request down.
import { App, AwsLambdaReceiver } from '@slack/bolt'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'

const setting = (name: string) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

const clock = { now: () => Date.now(), after: () => () => undefined }
const journal = new SqliteJournal({ file: setting('UNDERSTUDY_JOURNAL'), clock, people: clock })
const receiver = new AwsLambdaReceiver({ signingSecret: setting('SLACK_SIGNING_SECRET') })
const app = new App({
  receiver,
  // Else Bolt calls Slack at every cold start, which would make the comparison easy.
  authorize: async () => ({ botToken: setting('SLACK_BOT_TOKEN'), botId: 'B00BOT', botUserId: 'U00BOT' }),
})

app.command('/dr', async ({ command, ack }) => {
  await journal.offer({
    id: command.trigger_id,
    kind: 'status',
    body: { by: command.user_id, channel: command.channel_id, kind: 'status', plan: 'orders' },
  })
  await ack('Looking at orders…')
})

export const handler = receiver.toHandler()
