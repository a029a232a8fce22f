import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parsePlan } from '../../src/plan/parse.ts'

const orders = readFileSync(new URL('../../plans/orders.yaml', import.meta.url), 'utf8')

/** The orders plan with pieces of its text replaced; fails when a piece is not there. */
function edited(...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((text, [from, to]) => {
    expect(text).toContain(from)
    return text.replace(from, to)
  }, orders)
}
const faultsOf = (text: string) =>
  parsePlan(text).faults.map(({ at, field, message }) => `${at.line} ${field}: ${message}`)
const lineOf = (text: string, piece: string) => text.slice(0, text.indexOf(piece)).split('\n').length

const home = 'home: http://orders.us-east-1.example.test/heartbeat'
const keys =
  '  rescueKeys:\n    home: arn:aws:kms:us-east-1:111122223333:key/a\n    dr: arn:aws:kms:us-west-2:111122223333:key/b\n'
const lag = '  lagLimitSeconds: 30\n'
const soak = '  soakMinutes: 10\n'
const window = (text: string) => `${soak}  window: ${text}\n`

describe('one fault, and the line it is on', () => {
  test.each<[name: string, from: string, to: string, at: string, fault: string]>([
    [
      'a stack twice',
      'name: orders-dr-workloads',
      'name: orders-dr-platform',
      'name: orders-dr-platform\n      side: dr\n      layer: workloads',
      'terraform.stacks[1].name: stack “orders-dr-platform” is here twice',
    ],
    [
      'a build for two stacks',
      'codeBuild: orders-dr-workloads',
      'codeBuild: orders-dr-platform',
      'codeBuild: orders-dr-platform\n    - name: orders-home-platform',
      'terraform.stacks[1].codeBuild: “orders-dr-platform” applies orders-dr-platform already',
    ],
    [
      'a side without a platform',
      'side: home\n      layer: platform',
      'side: home\n      layer: workloads',
      'stacks:',
      'terraform.stacks: no platform stack is of home: nothing could create its cluster again',
    ],
    [
      'a name that is no file name',
      'name: orders-dr-platform',
      'name: orders/dr',
      'name: orders/dr',
      'terraform.stacks[0].name: letters, digits, dots, hyphens and underscores: plan files are called so',
    ],
    [
      'a folder that breaks out of a message',
      'directory: infra/orders/dr/platform',
      'directory: "infra`x`"',
      'directory: "infra',
      'terraform.stacks[0].directory: must be one line without backticks',
    ],
    [
      'a layer that is none',
      'layer: platform',
      'layer: network',
      'layer: network',
      'terraform.stacks[0].layer: Invalid option: expected one of "platform"|"workloads"',
    ],
    [
      'an unknown key of a stack',
      'layer: platform',
      'layer: platform\n      workspace: dr',
      'workspace: dr',
      'terraform.stacks[0].workspace: is not a field of a plan',
    ],
    [
      'one variable for two things',
      'terraform:\n',
      'terraform:\n  variables: { isSecondary: a, sourceRegion: a }\n',
      'variables: {',
      'terraform.variables.sourceRegion: is the same variable as isSecondary',
    ],
    [
      'a variable that Terraform could not have',
      'terraform:\n',
      'terraform:\n  variables: { isSecondary: "is secondary" }\n',
      'variables: {',
      'terraform.variables.isSecondary: not the name of a Terraform variable',
    ],
    [
      'a heartbeat through DNS',
      home,
      'home: http://orders.example.test/heartbeat',
      'home: http://orders.example.test/heartbeat',
      "heartbeat.home: is at the public address, which follows DNS: give the side's own",
    ],
    [
      'one heartbeat for both sides',
      home,
      'home: http://orders.us-west-2.example.test/heartbeat',
      'dr: http://orders.us-west-2.example.test/heartbeat',
      'heartbeat.dr: is the same address as home, so it tells nothing about dr',
    ],
    [
      'a heartbeat that is no URL',
      home,
      'home: orders/heartbeat',
      'home: orders/heartbeat',
      'heartbeat.home: not an http(s) URL',
    ],
    [
      'a deletion role of another account',
      '    role: arn:aws:iam::111122223333:role/understudy-operator\n',
      '    role: arn:aws:iam::111122223333:role/understudy-operator\n    deletionRole: arn:aws:iam::999922223333:role/x\n',
      'deletionRole',
      'accounts.workload.deletionRole: is a role of account 999922223333, not of 111122223333',
    ],
    [
      'a rescue key of the other region',
      lag,
      lag + keys.replace('us-east-1', 'us-west-2'),
      'home: arn:aws:kms',
      'database.rescueKeys.home: is in us-west-2, and home is us-east-1',
    ],
    [
      'a rescue key that is none',
      lag,
      lag + keys.replace('aws:kms', 'aws:s3'),
      'home: arn:aws:s3',
      'database.rescueKeys.home: is no KMS key',
    ],
    [
      'a window that never opens',
      soak,
      window('{ days: [mon], from: "09:00", to: "09:00" }'),
      'window: {',
      'drill.window.to: is 09:00, as from: no drill could ever begin',
    ],
    [
      'a day twice',
      soak,
      window('{ days: [mon, mon], from: "09:00", to: "17:00" }'),
      'window: {',
      'drill.window.days[1]: mon is here twice',
    ],
    [
      'a time zone that is none',
      soak,
      window('{ days: [mon], from: "09:00", to: "17:00", timeZone: Mars/Olympus }'),
      'window: {',
      'drill.window.timeZone: “Mars/Olympus” is no time zone, such as Europe/Berlin',
    ],
    [
      'a time that is none',
      soak,
      window('{ days: [mon], from: "25:00", to: "17:00" }'),
      'window: {',
      'drill.window.from: not a time, such as 09:00',
    ],
  ])('%s', (_, from, to, at, fault) => {
    const text = edited([from, to])
    expect(faultsOf(text)).toEqual([`${lineOf(text, at)} ${fault}`])
  })
})

test('a window may reach over midnight', () => {
  expect(faultsOf(edited([soak, window('{ days: [sat], from: "22:00", to: "04:00" }')]))).toEqual([])
})

test('rescue keys of the right regions are fine', () => {
  expect(faultsOf(edited([lag, lag + keys]))).toEqual([])
})

test('all faults of the new parts are told at once, in the order of the file', () => {
  const text = edited(
    [home, 'home: http://orders.example.test/heartbeat'],
    ['name: orders-dr-workloads', 'name: orders-dr-platform'],
    [soak, window('{ days: [mon], from: "09:00", to: "09:00" }')],
  )
  expect(faultsOf(text).map((fault) => fault.replace(/^\d+ (\S+): .*/, '$1'))).toEqual([
    'heartbeat.home',
    'terraform.stacks[1].name',
    'drill.window.to',
  ])
})

test('left out, Terraform is not asked about, and a drill is owed every quarter', () => {
  const text = orders.replace(/^terraform:[\s\S]*?(?=^slack:)/m, '').replace(/^drill:\n( .*\n)+/m, '')
  const { plan, faults } = parsePlan(text)
  expect(faults).toEqual([])
  expect(plan?.terraform).toBeUndefined()
  expect(plan?.drill).toEqual({ everyDays: 90, soakMinutes: 10 })
})

test('the variables have the names of the common module unless the plan gives others', () => {
  expect(parsePlan(orders).plan?.terraform?.variables).toEqual({
    isSecondary: 'is_aurora_secondary',
    sourceRegion: 'aurora_source_region',
  })
})
