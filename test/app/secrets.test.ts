import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { secretsOf } from '../../src/app/secrets.ts'
import { logTo } from '../../src/slack/log.ts'

const REGION = 'us-west-2'
const MINUTE = 60_000

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAREHEARSAL')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'rehearsal')
  onTestFinished(() => void vi.unstubAllEnvs())
})

/** Both stores of the simulated AWS, with the same secrets in them, and how to change those. */
async function stores() {
  const people = manualClock(Date.UTC(2026, 10, 21, 3))
  const simulation = simulate({ clock: people, seed: 1 })
  const aws = await simulation.listen({ port: 0 })
  onTestFinished(() => aws.close())
  const place = { region: REGION, endpoint: aws.url }
  const [ssm, manager] = [new SSMClient(place), new SecretsManagerClient(place)]
  const keep = async (texts: Readonly<Record<string, string>>) => {
    for (const [name, Value] of Object.entries(texts))
      await ssm.send(
        new PutParameterCommand({ Name: `/bot/prod/${name}`, Value, Type: 'SecureString', Overwrite: true }),
      )
    await manager.send(
      new PutSecretValueCommand({ SecretId: 'bot/prod', SecretString: JSON.stringify(texts) }),
    )
  }
  await manager.send(new CreateSecretCommand({ Name: 'bot/prod', SecretString: '{}' }))
  await keep({ 'signing-secret': 'one', 'bot-token': 'xoxb-one' })
  const lines: string[] = []
  const open = (kind: 'ssm' | 'secretsmanager', name = 'bot/prod') =>
    secretsOf(
      { slack: { secrets: { kind, region: REGION, name } }, endpoints: { [kind]: aws.url } },
      { people, log: logTo((line) => lines.push(line)) },
    )
  const reads = () =>
    simulation.calls.list().filter(({ operation }) => /^Get(Parameters|SecretValue)$/.test(operation)).length
  return { people, simulation, manager, keep, open, reads, lines }
}

describe.each(['ssm', 'secretsmanager'] as const)('secrets in %s', (kind) => {
  test('are read when the first is asked for, once, and again after five minutes', async () => {
    const { people, keep, open, reads } = await stores()
    const secrets = open(kind)
    expect(reads()).toBe(0)
    expect(await Promise.all([secrets.signing(), secrets.token()])).toEqual([['one'], 'xoxb-one'])
    people.advance(4 * MINUTE)
    await keep({ 'signing-secret': 'two, one', 'bot-token': 'xoxb-two' })
    expect(await secrets.token()).toBe('xoxb-one')
    expect(reads()).toBe(1)
    people.advance(MINUTE)
    expect(await secrets.signing()).toEqual(['two', 'one'])
    expect(await secrets.token()).toBe('xoxb-two')
    expect(reads()).toBe(2)
  })

  test('are read early when something does not fit, but not more than every half minute', async () => {
    const { people, keep, open, reads } = await stores()
    const secrets = open(kind)
    await secrets.signing()
    await keep({ 'signing-secret': 'two', 'bot-token': 'xoxb-two' })
    expect(await secrets.again()).toBe(false)
    people.advance(MINUTE / 2)
    expect(await secrets.again()).toBe(true)
    expect(await secrets.signing()).toEqual(['two'])
    for (let guess = 0; guess < 10; guess++) expect(await secrets.again()).toBe(false)
    expect(reads()).toBe(2)
  })

  test('count as long as nobody can be asked for newer ones, and the log says so', async () => {
    const { people, simulation, open, reads, lines } = await stores()
    const secrets = open(kind)
    await secrets.token()
    simulation.addFault({ kind: 'denied', region: REGION })
    people.advance(20 * MINUTE)
    for (let request = 0; request < 5; request++) expect(await secrets.token()).toBe('xoxb-one')
    expect(reads()).toBe(2)
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', age: 1200 })
    expect(lines.join()).not.toMatch(/xoxb|"one"/)
  })

  test('that are not there are named, and never the others’ values', async () => {
    const { open } = await stores()
    await expect(open(kind).appToken()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/app-token is not in .*bot\/prod/),
    })
    await expect(open(kind, 'bot/nowhere').token()).rejects.toThrow()
  })
})

test('a secret that is no JSON is not quoted', async () => {
  const { manager, open } = await stores()
  await manager.send(new PutSecretValueCommand({ SecretId: 'bot/prod', SecretString: 'xoxb-pasted' }))
  const failure = await open('secretsmanager')
    .token()
    .catch((error) => error as Error)
  expect(String(failure)).toContain('the secret bot/prod is not a JSON object')
  expect(String(failure)).not.toContain('xoxb')
})
