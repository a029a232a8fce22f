import { describe, expect, test } from 'vitest'
import { openBackends } from '../../src/app/backends.ts'
import { parseConfig } from '../../src/app/config.ts'
import { wall } from '../../src/app/wall.ts'

const given = { SLACK_SIGNING_SECRET: 'a-secret', SLACK_BOT_TOKEN: 'xoxb-1' }
const common = {
  SLACK_APP_ID: 'A0BOT',
  SLACK_TEAM_ID: 'T0HOME',
  UNDERSTUDY_PLANS: 'plans.json',
  UNDERSTUDY_JOURNAL: 'state/journal.db',
}
const ALIAS = 'arn:aws:lambda:us-west-2:111122223333:function:understudy-prod-run:durable'

/** What is said to be wrong. */
function faults(changes: Readonly<Record<string, string | undefined>>): string {
  try {
    parseConfig({ ...common, ...given, ...changes })
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('where the journal and the engine are', () => {
  test('is a file with an engine beside it', () => {
    expect(parseConfig({ ...common, ...given })).toMatchObject({
      journal: { kind: 'sqlite', file: 'state/journal.db' },
      engine: { kind: 'local', file: 'state/engine.db' },
      slack: { secrets: { kind: 'given', signing: ['a-secret'], token: 'xoxb-1' } },
    })
  })

  test('is a table, and an alias in the region its ARN names', () => {
    const aws = {
      UNDERSTUDY_JOURNAL: 'dynamodb:us-west-2/understudy-prod',
      UNDERSTUDY_ENGINE: `lambda:${ALIAS}`,
    }
    expect(parseConfig({ ...common, ...given, ...aws })).toMatchObject({
      journal: { kind: 'dynamodb', region: 'us-west-2', table: 'understudy-prod' },
      engine: { kind: 'lambda', alias: ALIAS, region: 'us-west-2' },
    })
  })

  test('needs a region for an alias that names none', () => {
    const engine = { UNDERSTUDY_ENGINE: 'lambda:understudy-prod-run:durable' }
    expect(faults(engine)).toContain('UNDERSTUDY_ENGINE: names no region')
    expect(parseConfig({ ...common, ...given, ...engine, AWS_REGION: 'eu-west-1' }).engine).toMatchObject({
      region: 'eu-west-1',
    })
  })

  test('is a table without an engine for a front, which opens none; what needs one says so', async () => {
    const config = parseConfig({
      ...common,
      ...given,
      UNDERSTUDY_JOURNAL: 'dynamodb:us-west-2/understudy-prod',
    })
    expect(config.engine).toBeUndefined()
    await expect(openBackends(config, { clock: wall, people: wall, log: () => {} })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('UNDERSTUDY_ENGINE is not set'),
    })
  })

  test.each([
    ['UNDERSTUDY_JOURNAL', 'dynamodb:understudy'],
    ['UNDERSTUDY_JOURNAL', 'dynamodb:us-west-2/with blanks'],
    ['UNDERSTUDY_ENGINE', 'lambda:understudy-prod-run'],
    ['UNDERSTUDY_ENGINE', 'step-functions:x'],
    ['UNDERSTUDY_AWS_ENDPOINTS', '{"dynamodb":"ftp://x"}'],
  ])('is not %s=%s, which is not repeated', (name, value) => {
    const said = faults({ [name]: value })
    expect(said).toContain(name)
    expect(said).not.toContain(value)
  })
})

describe('the Slack secrets', () => {
  const none = { SLACK_SIGNING_SECRET: undefined, SLACK_BOT_TOKEN: undefined }

  test.each([
    ['ssm:us-west-2/understudy/prod', { kind: 'ssm', region: 'us-west-2', name: 'understudy/prod' }],
    ['ssm:us-gov-west-1//understudy', { kind: 'ssm', region: 'us-gov-west-1', name: '/understudy' }],
    ['secretsmanager:eu-west-1/bot', { kind: 'secretsmanager', region: 'eu-west-1', name: 'bot' }],
  ])('are at %s', (address, at) => {
    const { slack } = parseConfig({ ...common, UNDERSTUDY_SECRETS: address })
    expect(slack.secrets).toEqual(at)
  })

  test('are given or kept, not both and not neither', () => {
    expect(faults({ UNDERSTUDY_SECRETS: 'ssm:us-west-2/x' })).toMatch(
      /SLACK_SIGNING_SECRET is set, and so is UNDERSTUDY_SECRETS.*\n.*SLACK_BOT_TOKEN is set/,
    )
    expect(faults(none)).toMatch(
      /SLACK_SIGNING_SECRET is not set, nor is.*\n.*SLACK_BOT_TOKEN is not set, nor/,
    )
  })

  test('are two while one is rotated, and none where nothing is signed', () => {
    const rotating = parseConfig({ ...common, ...given, SLACK_SIGNING_SECRET: 'new, old' })
    expect(rotating.slack.secrets).toMatchObject({ signing: ['new', 'old'] })
    const socket = { ...common, SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }
    expect(parseConfig(socket).slack.secrets).toEqual({
      kind: 'given',
      signing: [],
      token: 'xoxb-1',
      appToken: 'xapp-1',
    })
  })

  test('and everything else that is wrong is said at once, without a value', () => {
    const said = faults({
      ...none,
      UNDERSTUDY_SECRETS: 'file:/tmp/leak',
      UNDERSTUDY_ENGINE: 'lambda:leak',
      SLACK_APP_ID: 'leak',
      SLACK_TEAM_ID: undefined,
      UNDERSTUDY_AWS_ENDPOINTS: '{"ssm":"http://127.0.0.1:1"}',
    })
    for (const name of [
      'UNDERSTUDY_SECRETS',
      'UNDERSTUDY_ENGINE',
      'SLACK_APP_ID',
      'SLACK_TEAM_ID is not set',
      'UNDERSTUDY_STAMP',
    ])
      expect(said).toContain(name)
    expect(said).not.toContain('leak')
  })
})
