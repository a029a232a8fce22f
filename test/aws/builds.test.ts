import type { Build } from '@aws-sdk/client-codebuild'
import { describe, expect, it } from 'vitest'
import { recordCalls } from '../../src/aws/recorder.ts'
import { dr, home, rig, seen, stack, thrown } from './rig.ts'
import { scripted } from './scripted.ts'

const variables = { is_aurora_secondary: 'true', aurora_source_region: 'us-west-2' }

/** CodeBuild that keeps its tokens: the same token is the same build. */
function building() {
  const made = new Map<string, Build>()
  const script = scripted({
    codebuild: {
      StartBuild: ({ projectName, idempotencyToken = '' }) => {
        const id = `${projectName}:${made.size + 1}`
        const build = made.get(idempotencyToken) ?? { id, buildStatus: 'IN_PROGRESS', currentPhase: 'QUEUED' }
        made.set(idempotencyToken, build)
        return { build }
      },
      BatchGetBuilds: ({ ids = [] }) => {
        const builds = [...made.values()].filter(({ id = '' }) => ids.includes(id))
        return { builds, buildsNotFound: builds.length ? [] : ids }
      },
    },
  })
  const end = (buildStatus: Build['buildStatus']) => {
    for (const [token, build] of made) made.set(token, { ...build, buildStatus, currentPhase: 'COMPLETED' })
  }
  return { ...script, made, end }
}

describe('a build', () => {
  it('is started in the region of its stack, with the variables as Terraform reads them', async () => {
    const { outside, calls, changes } = building()
    const { evidence } = await outside.builds.start(stack, variables)
    expect(evidence[0]).toBe('orders-home-platform:1')
    expect(changes()).toEqual([`${home} StartBuild`])
    expect(calls[0]?.params).toMatchObject({
      projectName: 'orders-home-platform',
      environmentVariablesOverride: [
        { name: 'TF_VAR_is_aurora_secondary', value: 'true', type: 'PLAINTEXT' },
        { name: 'TF_VAR_aurora_source_region', value: 'us-west-2', type: 'PLAINTEXT' },
      ],
    })
    const other = building()
    await other.outside.builds.start({ ...stack, side: 'dr' }, {})
    expect(other.changes()).toEqual([`${dr} StartBuild`])
  })

  it('is one however often it is started, whatever the order of its variables', async () => {
    const { outside, made } = building()
    const turned = { aurora_source_region: 'us-west-2', is_aurora_secondary: 'true' }
    for (const set of [variables, variables, turned])
      expect((await outside.builds.start(stack, set)).evidence[0]).toBe('orders-home-platform:1')
    expect(made.size).toBe(1)
    expect((await outside.builds.start(stack, {})).evidence[0]).toBe('orders-home-platform:2')
  })

  it('is another one when the first has ended', async () => {
    const { outside, end } = building()
    await outside.builds.start(stack, variables)
    end('FAILED')
    expect((await outside.builds.start(stack, variables)).evidence[0]).toBe('orders-home-platform:2')
    expect((await outside.builds.start(stack, variables)).evidence[0]).toBe('orders-home-platform:2')
  })

  it('is refused where the plan names no project', async () => {
    const { outside, calls } = building()
    const { codeBuild: _, ...bare } = stack
    expect(await thrown(outside.builds.start(bare, {}))).toMatchObject({
      code: 'ACT_REJECTED',
      message: expect.stringContaining('names no CodeBuild project for home-platform'),
    })
    expect(calls).toEqual([])
  })

  it('is captured by a dry run, and not started', async () => {
    const { outside, made } = building()
    expect(await recordCalls(() => outside.builds.start(stack, variables))).toMatchObject([
      { service: 'CodeBuild', operation: 'StartBuild', region: home },
    ])
    expect(made.size).toBe(0)
  })

  it('is followed by its id', async () => {
    const { outside, end } = building()
    await outside.builds.start(stack, variables)
    const look = () => seen(outside.builds.look(stack, 'orders-home-platform:1'))
    expect(await look()).toEqual({ status: 'IN_PROGRESS', phase: 'QUEUED' })
    end('SUCCEEDED')
    expect(await look()).toEqual({ status: 'SUCCEEDED', phase: 'COMPLETED' })
  })

  it('that nobody knows is a failed look', async () => {
    const { outside } = building()
    const look = await outside.builds.look(stack, 'orders-home-platform:9')
    expect(look).toMatchObject({
      ok: false,
      why: 'failed',
      detail: expect.stringContaining('knows no build'),
    })
  })
})

describe('a build of a project that the simulated CodeBuild knows', () => {
  it('is begun, and its log can be opened', async () => {
    const { outside } = rig()
    const [id = ''] = (await outside.builds.start(stack, variables)).evidence
    expect(await seen(outside.builds.look(stack, id))).toEqual({
      status: 'IN_PROGRESS',
      phase: 'QUEUED',
      logs: expect.stringContaining('orders-home-platform'),
    })
    expect(await outside.builds.look({ ...stack, side: 'dr' }, id)).toMatchObject({ ok: false })
  })

  it('is refused in a region that has no such project', async () => {
    const { outside } = rig()
    const { code, message } = await thrown(outside.builds.start({ ...stack, side: 'dr' }, variables))
    expect(code).toBe('ACT_REJECTED')
    expect(message).toContain('ResourceNotFoundException')
  })

  it.each([
    ['denied', 'PERMISSION_MISSING'],
    ['internal', 'OUTCOME_UNKNOWN'],
  ] as const)('is asked for once when AWS answers “%s”', async (kind, code) => {
    const { aws, outside, count } = rig()
    aws.addFault({ kind, operation: 'StartBuild' })
    expect(await thrown(outside.builds.start(stack, variables))).toMatchObject({ code })
    expect(count('StartBuild')).toBe(1)
  })

  it('is the same one when the first answer was lost', { timeout: 20_000 }, async () => {
    const { aws, outside } = rig()
    aws.addFault({ kind: 'lost-answer', operation: 'StartBuild', times: 1 })
    expect(await thrown(outside.builds.start(stack, variables))).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    const [id] = (await outside.builds.start(stack, variables)).evidence
    expect(aws.world.builds.map((build) => build.id)).toEqual([id])
  })
})
