import { describe, expect, it } from 'vitest'
import type { Question } from '../../src/engine/run.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow } from '../../src/engine/step.ts'
import { reconcile } from '../../src/flows/steps/reconcile.ts'
import type { SafeWorld } from '../../src/flows/world.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { Crash, fakeHost } from '../engine/fake-host.ts'
import { HomeRig } from './failback-rig.ts'

const ORDER = ['orders-dr-platform', 'orders-dr-workloads', 'orders-home-platform', 'orders-home-workloads']
const only = defineFlow<SafeWorld>({ name: 'test', title: 'Test', steps: [reconcile] })

/** The last gate of a failback of `orders`, which is home again. People give these answers, in turn. */
function gate(rig = new HomeRig('orders')) {
  const asked: Question[] = []
  const run = async (...options: (string | { dieAt: number })[]) => {
    const dieAt = options.flatMap((one) => (typeof one === 'string' ? [] : [one.dieAt]))[0]
    const answers = options.filter((one) => typeof one === 'string')
    const { host } = fakeHost(
      rig.memory,
      (question) => {
        asked.push(question)
        const option = answers.shift()
        if (!option) throw new Error(`nobody expected a question: ${question.title} ${question.detail}`)
        return { option, by: 'U2' }
      },
      dieAt,
      rig.time,
    )
    return rig.until(runFlow(only, rig.world('planned', 'dr'), host))
  }
  const builds = () => rig.simulation.state().builds.map(({ stack, status }) => `${stack} ${status}`)
  return { rig, asked, run, builds }
}
const offered = ({ options }: Question) => options.map(({ id }) => id)

/** The plan with a stack that people apply by hand. */
function byHand(rig: HomeRig, name: string): void {
  const { terraform } = rig.plan as { terraform: NonNullable<Plan['terraform']> }
  const stacks = terraform.stacks.map((stack) => {
    const { codeBuild: _, ...rest } = stack
    return stack.name === name ? rest : stack
  })
  Object.assign(terraform, { stacks })
}

describe('the gate at the end of a failback', { timeout: 60_000 }, () => {
  it('builds every stack in order once somebody says so, and leaves the pair as it was', async () => {
    const { rig, asked, run, builds } = gate()
    expect((await run('build', 'applied')).outcome).toBe('done')
    expect(builds()).toEqual(ORDER.map((name) => `${name} SUCCEEDED`))
    expect(rig.changes().filter((call) => call.startsWith('StartBuild'))).toHaveLength(4)
    expect(offered(asked[0] as Question)).toEqual(['applied', 'build', 'abort'])
    expect(asked[0]?.options[1]).toMatchObject({
      label: 'Start the builds',
      approversOnly: true,
      explain: expect.stringContaining(ORDER.join(', ')),
    })
    expect(asked[1]?.detail).toContain(`Applied so far: ${ORDER.join(', ')}.\nEvery stack is applied.`)
    expect(offered(asked[1] as Question)).toEqual(['applied', 'abort'])
    expect(await rig.state()).toBe('STEADY')
  })

  it('gives each build the variables of its side', async () => {
    const { rig, run } = gate()
    await run('build', 'applied')
    const given = rig.simulation.world.builds.map(({ variables }) => variables)
    const platform = (secondary: string, source: string) => ({
      TF_VAR_is_aurora_secondary: secondary,
      TF_VAR_aurora_source_region: source,
    })
    expect(given).toEqual([platform('true', 'us-east-1'), {}, platform('false', ''), {}])
  })

  it('believes a person who has applied everything', async () => {
    const { asked, run, builds } = gate()
    expect((await run('applied')).outcome).toBe('done')
    expect(asked).toHaveLength(1)
    expect(builds()).toEqual([])
  })

  it('stops at the first build that fails, with its logs, and goes on from there', async () => {
    const { rig, asked, run, builds } = gate()
    rig.simulation.enter('orders', 'orphaned', 'home')
    const deciding = run('build', 'build', 'applied')
    expect((await deciding).outcome).toBe('done')
    expect(builds()).toEqual(['orders-dr-platform FAILED', 'orders-dr-platform FAILED'])
    expect(asked[1]?.detail).toMatch(
      /^\*The build of orders-dr-platform ended as FAILED\* \(orders-dr-platform:\w+\)\. Its logs: https:/,
    )
    expect(asked[1]?.options[1]?.explain).toContain(ORDER.join(', '))
  })

  it('waits for a person at a stack that has no build', async () => {
    const { rig, asked, run, builds } = gate()
    byHand(rig, 'orders-home-platform')
    expect((await run('build', 'by-hand', 'applied')).outcome).toBe('done')
    expect(builds().map((line) => line.split(' ')[0])).toEqual(
      ORDER.filter((name) => name !== 'orders-home-platform'),
    )
    expect(offered(asked[1] as Question)).toEqual(['applied', 'by-hand', 'abort'])
    expect(asked[0]?.options[1]?.explain).toContain(
      'orders-dr-platform, orders-dr-workloads; then orders-home-platform is applied by hand',
    )
  })

  it('offers no builds where the plan has none', async () => {
    const { rig, asked, run } = gate()
    for (const name of ORDER) byHand(rig, name)
    await run('applied')
    expect(offered(asked[0] as Question)).toEqual(['applied', 'abort'])
  })

  it('begins no build twice, wherever the bot dies', async () => {
    for (const dieAt of [5, 9, 14, 20, 27, 33]) {
      const { run, builds } = gate()
      await run('build', 'applied', { dieAt }).catch((error) => {
        if (!(error instanceof Crash)) throw error
      })
      expect((await run('build', 'applied', 'applied')).outcome).toBe('done')
      expect(builds()).toEqual(ORDER.map((name) => `${name} SUCCEEDED`))
    }
  })
})
