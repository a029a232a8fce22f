import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judgeScopes } from '../../src/doctor/slack.ts'
import { alarmNames, functionNames, stackOf } from '../../src/doctor/stack.ts'

const named = (file: string, pattern: RegExp) =>
  [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, name]) => name).sort()

test('the alarms that are looked for are those of the stack', () => {
  expect(named('deploy/stack/alarms.yml', /AlarmName: understudy-\$\{sls:stage\}-([\w-]+)/g)).toEqual(
    alarmNames.toSorted(),
  )
})

test('so are the functions, the queue, and the alias that is in the configuration', () => {
  const functions = named('serverless.yml', /^ {4}name: understudy-\$\{sls:stage\}-([\w-]+)/gm)
  expect(functions).toEqual(functionNames.toSorted())
  expect(readFileSync('deploy/stack/journal.yml', 'utf8')).toMatch(
    /QueueName: understudy-\$\{sls:stage\}-dead-letters/,
  )
  const alias = 'arn:aws:lambda:us-west-2:999900001111:function:understudy-prod-run:durable'
  expect(stackOf({ engine: { kind: 'lambda', alias, region: 'us-west-2' } })).toEqual({
    prefix: 'understudy-prod',
    region: 'us-west-2',
    run: 'understudy-prod-run',
    alias: 'durable',
  })
})

test('a token with the scopes of the manifest is a good one, and without its needed ones it is not', () => {
  const { bot, bot_optional: optional } = JSON.parse(readFileSync('slack-manifest.json', 'utf8')).oauth_config
    .scopes as { bot: string[]; bot_optional: string[] }
  expect(judgeScopes(bot).map(({ level }) => level)).toEqual(['ok'])
  for (const scope of bot.filter((one) => !optional.includes(one)))
    expect(judgeScopes(bot.filter((one) => one !== scope))).toMatchObject([{ level: 'fault', about: scope }])
})
