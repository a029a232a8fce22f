import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/plan/schema.ts'
import { buildVariables } from '../../src/plan/stacks.ts'
import { driftText, expectedDrift } from '../../src/terraform/drift.ts'
import { gateText } from '../../src/terraform/gate.ts'
import { handOver, stateRisks } from '../../src/terraform/hand-over.ts'
import { billing, orders } from './rig.ts'

const toHome = { active: 'dr', standby: 'home' } as const
const steady = { active: 'home', standby: 'dr' } as const
const withStacks = (change: (stack: Stack) => Stack): Plan => {
  const { terraform } = orders
  if (!terraform) throw new Error('orders has no terraform')
  return { ...orders, terraform: { ...terraform, stacks: terraform.stacks.map(change) } }
}
type Stack = NonNullable<Plan['terraform']>['stacks'][number]

describe('what people do with each stack', () => {
  test('to create a missing cluster again: only the platform of its side, as a secondary of the active one', () => {
    const work = handOver(orders, 'recreate', toHome)
    expect(work.map(({ stack }) => stack.name)).toEqual(['orders-home-platform'])
    expect(work[0]?.tfvars).toEqual(['is_aurora_secondary  = true', 'aurora_source_region = "us-west-2"'])
    expect(work[0]?.commands).toEqual([
      'cd infra/orders/home/platform',
      'terraform plan -input=false -out=orders-home-platform.tfplan',
      'terraform show -json orders-home-platform.tfplan > orders-home-platform.json',
      'sha256sum orders-home-platform.tfplan',
      'terraform apply orders-home-platform.tfplan',
    ])
  })

  test('the other way round it is the platform of dr', () => {
    expect(handOver(orders, 'recreate', steady).map(({ stack, tfvars }) => [stack.name, ...tfvars])).toEqual([
      ['orders-dr-platform', 'is_aurora_secondary  = true', 'aurora_source_region = "us-east-1"'],
    ])
  })

  test('to reconcile: dr before home, platforms before workloads, and the variables as they were', () => {
    expect(
      handOver(orders, 'reconcile', steady).map(({ stack, variables }) => [stack.name, variables]),
    ).toEqual([
      ['orders-dr-platform', { is_aurora_secondary: true, aurora_source_region: 'us-east-1' }],
      ['orders-dr-workloads', {}],
      ['orders-home-platform', { is_aurora_secondary: false, aurora_source_region: '' }],
      ['orders-home-workloads', {}],
    ])
  })

  test('the order of the plan file does not matter', () => {
    const turned = withStacks((stack) => stack)
    const stacks = turned.terraform?.stacks.toReversed() ?? []
    const plan = { ...turned, terraform: { ...turned.terraform, stacks } } as Plan
    expect(handOver(plan, 'reconcile', steady)).toEqual(handOver(orders, 'reconcile', steady))
  })

  test('a configuration with names of its own for the variables gets them under those', () => {
    expect(handOver(billing, 'recreate', toHome)[0]?.tfvars).toEqual([
      'database_is_secondary  = true',
      'database_source_region = "us-west-2"',
    ])
  })

  test('a folder that a shell would take apart is quoted', () => {
    const plan = withStacks((stack) => ({ ...stack, directory: "it's here; rm -rf $HOME" }))
    expect(handOver(plan, 'recreate', toHome)[0]?.commands[0]).toBe(`cd -- 'it'\\''s here; rm -rf $HOME'`)
  })

  test('a build gets the same variables as texts', () => {
    const [stack] = handOver(orders, 'recreate', toHome).map(({ stack }) => stack)
    expect(stack && buildVariables(orders, stack, 'dr')).toEqual({
      is_aurora_secondary: 'true',
      aurora_source_region: 'us-west-2',
    })
  })

  test('a plan without stacks has nothing to hand over', () => {
    const { terraform: _, ...bare } = orders
    expect(handOver(bare, 'reconcile', steady)).toEqual([])
  })
})

describe('a gate in words', () => {
  const gates = (['recreate', 'reconcile'] as const).flatMap((gate) =>
    [orders, billing].flatMap((plan) => [toHome, steady].map((roles) => ({ gate, plan, roles }))),
  )
  test.each(gates)(
    '$gate of $plan.name with $roles.active serving fits a Slack section',
    ({ gate, plan, roles }) => {
      const { title, detail } = gateText(plan, gate, roles)
      expect(title.length).toBeLessThan(100)
      expect(detail.length).toBeLessThan(2800)
      for (const { tfvars, commands } of handOver(plan, gate, roles))
        for (const line of [...tfvars, ...commands]) expect(detail).toContain(`\`${line}\``)
    },
  )

  test('the real engine version is named where it is known', () => {
    expect(gateText(orders, 'recreate', { ...toHome, engineVersion: '16.4' }).detail).toContain(
      'exactly `16.4`',
    )
    expect(gateText(orders, 'recreate', toHome).detail).toContain("exactly the active cluster's")
  })

  test('with so many stacks that it would not fit, the commands are told once', () => {
    const base = withStacks((stack) => ({ ...stack, directory: `${'deep/'.repeat(20)}${stack.name}` }))
    const stacks = [1, 2, 3].flatMap((n) =>
      (base.terraform?.stacks ?? []).map((stack) => ({ ...stack, name: `${stack.name}-${n}` })),
    )
    const plan = { ...base, terraform: { ...base.terraform, stacks } } as Plan
    const { detail } = gateText(plan, 'reconcile', steady)
    expect(detail.length).toBeLessThan(2800)
    expect(detail).toContain('`terraform plan -input=false -out=STACK.tfplan`')
    expect(detail).toContain('Platforms of home, to be set: `is_aurora_secondary  = false`')
    for (const { name } of stacks) expect(detail).toContain(name)
    const many = Array.from({ length: 99 }, (_, n) =>
      stacks.map((stack) => ({ ...stack, name: `${stack.name}${n}` })),
    ).flat()
    const vast = gateText(
      { ...base, terraform: { ...base.terraform, stacks: many } } as Plan,
      'reconcile',
      steady,
    )
    expect(vast.detail.length).toBeLessThan(2800)
    expect(vast.detail).toMatch(/… \d+ more, as the plan lists them/)
    expect(vast.detail).toContain('`terraform apply STACK.tfplan`')
  })

  test('a plan that names no stacks says what to create', () => {
    const { terraform: _, ...bare } = orders
    expect(gateText(bare, 'recreate', toHome).detail).toContain(
      'Create it in us-east-1 as a secondary of `orders-global`',
    )
    expect(gateText(bare, 'reconcile', steady).detail).toContain('names no Terraform stacks')
  })
})

describe('what Terraform would undo', () => {
  test('while dr serves, nearly all of it would hurt', () => {
    expect(expectedDrift(orders, 'dr').map(driftText)).toEqual([
      'orders-api (dr): Terraform would lower desired_count and min_capacity from 6 to 1. Don’t apply that now',
      'orders-api (home): Terraform would start its fenced tasks again, up to 6. Don’t apply that now',
      'orders-web (dr): Terraform would lower desired_count and min_capacity from 4 to 1. Don’t apply that now',
      'orders.example.test A (home): Terraform would take the record back to home. Don’t apply that now',
      'orders-home (home): Terraform would set engine_version back, where AWS aligned it with the new writer (event 0518)',
    ])
  })

  test('once home serves again, none of it does', () => {
    const drift = [...expectedDrift(orders, 'home'), ...expectedDrift(billing, 'home')]
    expect(drift.filter(({ harmful }) => harmful)).toEqual([])
    expect(drift.length).toBeGreaterThan(3)
  })
})

test('a state that is kept in the other region is a risk; in its own or a third one it is not', () => {
  expect(stateRisks(orders)).toEqual([])
  expect(stateRisks(billing)).toEqual([])
  const risky = withStacks((stack) => ({ ...stack, stateRegion: 'us-east-1' }))
  expect(stateRisks(risky)).toEqual([
    'The Terraform state of orders-dr-platform is in us-east-1, which is home: while that is dark, dr cannot be planned',
    'The Terraform state of orders-dr-workloads is in us-east-1, which is home: while that is dark, dr cannot be planned',
  ])
})
