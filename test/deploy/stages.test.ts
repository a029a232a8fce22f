import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { copiesOf, readStages, roleArn } from '../../deploy/stages.ts'

const FILE = join(import.meta.dirname, '../../deploy/stages.yml')

/** The file with some of its text exchanged. */
function readWith(...exchanges: readonly (readonly [string, string])[]) {
  const dir = mkdtempSync(join(tmpdir(), 'stages-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const text = exchanges.reduce(
    (all, [from, to]) => {
      if (!all.includes(from)) throw new Error(`the file has no ${from}`)
      return all.replace(from, to)
    },
    readFileSync(FILE, 'utf8'),
  )
  writeFileSync(join(dir, 'stages.yml'), text)
  return readStages(join(dir, 'stages.yml'))
}

test('the file that is delivered has a copy in either region, with roles that no other copy has', () => {
  const copies = copiesOf(readStages(FILE))
  expect(copies.map(({ stage, region }) => `${stage} ${region}`)).toEqual([
    'prod us-west-2',
    'prod us-east-1',
  ])
  expect(new Set(copies.map((copy) => roleArn(copy, 'run'))).size).toBe(2)
})

test('every fault of a file is told at once', () => {
  const read = () =>
    readWith(
      ['"999900001111"', '999900001111'],
      ['ssm:/understudy/prod', 'ssm:understudy/prod/'],
      ['A00EXAMPLE2', 'xoxb-1-2'],
      ['logDays: 90', 'logDays: 91'],
      ['slackEnterpriseId: ""', 'enterprise: ""'],
    )
  expect(read).toThrow(/cannot be used/)
  for (const fault of [
    'account: Invalid input: expected string',
    'prod.us-west-2.secrets: neither ssm:/PATH nor secretsmanager:NAME',
    'prod.us-west-2.slackAppId: not the id of a Slack app',
    'prod.us-west-2.logDays: Invalid',
    'prod.us-west-2.slackEnterpriseId: Invalid',
    'prod.us-west-2: Unrecognized key',
  ])
    expect(read).toThrow(fault)
})

test('whoever may act from a terminal is of the bot’s own account', () => {
  const role = (account: string) => `operators: ["arn:aws:iam::${account}:role/maya"]`
  expect(readWith(['operators: []', role('999900001111')]).operators).toHaveLength(1)
  expect(() => readWith(['operators: []', role('111122223333')])).toThrow(
    'operators.0: is of account 111122223333, not of 999900001111',
  )
})

test('secrets may be in Secrets Manager', () => {
  const [copy] = copiesOf(readWith(['ssm:/understudy/prod', 'secretsmanager:understudy/prod']))
  expect(copy?.secrets).toBe('secretsmanager:understudy/prod')
})
