import { createHash } from 'node:crypto'
import { BatchGetBuildsCommand, type Build, StartBuildCommand } from '@aws-sdk/client-codebuild'
import type { Receipt } from '../engine/step.ts'
import type { BuildFacts, Outside } from '../flows/world.ts'
import type { Stack } from '../plan/schema.ts'
import type { Site } from './site.ts'

type Variables = Readonly<Record<string, string>>

/** CodeBuild: the user's own builds, which apply their Terraform. */
export function builds(site: Site): Outside['builds'] {
  return {
    start: (stack, variables) => start(site, stack, variables),
    look: (stack, id) =>
      site.look('CodeBuild', stack.side, async (budget): Promise<BuildFacts> => {
        const command = new BatchGetBuildsCommand({ ids: [id] })
        const answer = await site.client('codebuild', stack.side, 'probe').send(command, budget)
        const build = answer.builds?.find((one) => one.id === id)
        if (!build) throw Object.assign(new Error(`it knows no build ${id}`), { name: 'NotFound' })
        const { deepLink } = build.logs ?? {}
        return {
          status: build.buildStatus ?? 'unknown',
          phase: build.currentPhase ?? 'unknown',
          ...(deepLink ? { logs: deepLink } : {}),
        }
      }),
  }
}

async function start(site: Site, stack: Stack, variables: Variables): Promise<Receipt> {
  const name = 'codebuild:StartBuild'
  const act = site.act(stack.side)
  if (!stack.codeBuild)
    throw act.refuse(name, 'NoProject', `the plan names no CodeBuild project for ${stack.name}`)
  const project = stack.codeBuild
  const environmentVariablesOverride = Object.entries(variables).map(([variable, value]) => ({
    name: `TF_VAR_${variable}`,
    value,
    type: 'PLAINTEXT' as const,
  }))
  const begin = async (...after: readonly string[]): Promise<Build | undefined> => {
    const idempotencyToken = tokenOf(stack, variables, after)
    const input = { projectName: project, environmentVariablesOverride, idempotencyToken }
    const { build } = await act.change(name, project, (options) =>
      site.client('codebuild', stack.side, 'once').send(new StartBuildCommand(input), options),
    )
    return build
  }
  const build = await begin()
  // One that has ended is of an earlier start: whoever starts again so soon wants another.
  const ended = build?.id && build.buildStatus && build.buildStatus !== 'IN_PROGRESS'
  const begun = ended ? await begin(build.id as string) : build
  return begun?.id ? act.receipt(begun.id) : act.receipt()
}

/**
 * The same for the same work `after` the same builds: for five minutes CodeBuild answers such a request with the build
 * that it has begun, so that asking twice makes one build.
 */
function tokenOf({ name, side, codeBuild }: Stack, variables: Variables, after: readonly string[]): string {
  const sorted = Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([name, side, codeBuild, sorted, after]))
    .digest('hex')
}
