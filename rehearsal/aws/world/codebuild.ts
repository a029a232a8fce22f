import * as codebuild from '@aws-sdk/client-codebuild'
import { faultOf } from '../faults.ts'
import { type Stack, stackOfProject } from '../stacks.ts'
import type { Nasty, Variables } from '../terraform.ts'
import type { Handlers } from '../wire/service.ts'
import { hex } from './random.ts'
import { accounts, regions, type World } from './world.ts'

/** An apply of a Terraform stack: by its CodeBuild project, or by somebody at a terminal. */
export type Build = {
  readonly id: string
  readonly number: number
  readonly stack: Stack
  readonly region: string
  readonly startedAt: number
  readonly variables: Variables
  readonly nasty: readonly Nasty[]
  /** As the caller named the request: asked for again soon, it is this build. */
  readonly token?: string
  phase: 'QUEUED' | 'BUILD' | 'COMPLETED'
  status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED'
  endedAt?: number
  readonly log: string[]
}

/** How long CodeBuild remembers a request's token. */
const tokenMs = 5 * 60_000

export const newBuild = (
  world: World,
  stack: Stack,
  given: { variables: Variables; nasty: readonly Nasty[]; token?: string },
): Build => {
  const build: Build = {
    id: `${stack.name}:${hex(`${world.seed}/build/${world.serial++}`, 32)}`,
    number: world.builds.filter((each) => each.stack.name === stack.name).length + 1,
    stack,
    region: regions[stack.side],
    startedAt: world.now,
    phase: 'QUEUED',
    status: 'IN_PROGRESS',
    log: [],
    ...given,
  }
  world.builds.push(build)
  if (world.builds.length > 100) world.builds.shift()
  return build
}

/** CodeBuild's projects are the stacks of `orders`. `begun` hears of a new build. */
export function codebuildHandlers(world: World, begun: (build: Build) => void): Handlers<typeof codebuild> {
  return {
    StartBuild: (input, { region }) => {
      const stack = stackOfProject(input.projectName ?? '', region)
      if (!stack) {
        const message = `Project cannot be found: arn:aws:codebuild:${region}:${accounts.workload}:project/${input.projectName}`
        throw new codebuild.ResourceNotFoundException({ message, $metadata: {} })
      }
      const token = input.idempotencyToken
      const known = world.builds.find(
        (build) => token !== undefined && build.token === token && world.now - build.startedAt < tokenMs,
      )
      if (known) return { build: describe(known) }
      const variables = Object.fromEntries(
        (input.environmentVariablesOverride ?? []).map(({ name = '', value = '' }) => [name, value]),
      )
      const nasty: Nasty[] = faultOf(world, 'nasty-apply', stack.app) ? ['record', 'capacity'] : []
      const build = newBuild(world, stack, { variables, nasty, ...(token ? { token } : {}) })
      begun(build)
      return { build: describe(build) }
    },
    BatchGetProjects: ({ names = [] }, { region }) => ({
      projects: names.filter((name) => stackOfProject(name, region)).map((name) => ({ name })),
      projectsNotFound: names.filter((name) => !stackOfProject(name, region)),
    }),
    BatchGetBuilds: (input, { region }) => {
      const here = world.builds.filter((build) => build.region === region && build.stack.codeBuild)
      const ids = input.ids ?? []
      const is = (build: Build, id: string) => id === build.id || id === arnOf(build)
      return {
        builds: here.filter((build) => ids.some((id) => is(build, id))).map(describe),
        buildsNotFound: ids.filter((id) => !here.some((build) => is(build, id))),
      }
    },
  }
}

const arnOf = ({ id, region }: Build): string =>
  `arn:aws:codebuild:${region}:${accounts.workload}:build/${id}`

function describe(build: Build): codebuild.Build {
  const { id, region, stack, startedAt, endedAt, phase, status } = build
  const [project = '', stream = ''] = id.split(':')
  const group = `/aws/codebuild/${project}`
  return {
    id,
    arn: arnOf(build),
    buildNumber: build.number,
    projectName: project,
    startTime: new Date(startedAt),
    ...(endedAt === undefined ? {} : { endTime: new Date(endedAt) }),
    currentPhase: phase,
    buildStatus: status,
    buildComplete: status !== 'IN_PROGRESS',
    initiator: 'understudy',
    timeoutInMinutes: 120,
    queuedTimeoutInMinutes: 60,
    source: { type: 'NO_SOURCE', buildspec: `terraform -chdir=${stack.directory} apply` },
    logs: {
      groupName: group,
      streamName: stream,
      deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${encodeURIComponent(group)}/log-events/${stream}`,
    },
  }
}
