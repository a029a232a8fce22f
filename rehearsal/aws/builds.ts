import type { WorldClock } from '../clock.ts'
import { applyTerraform } from './terraform.ts'
import type { Dispatcher } from './wire/dispatch.ts'
import type { Build } from './world/codebuild.ts'
import type { World } from './world/world.ts'

/** Who signs what Terraform asks. */
const credentials = { accessKeyId: 'AKIATERRAFORM0000000', secretAccessKey: 'terraform' }
const queuedMs = 20_000
const answerMs = 10_000

type Parts = {
  readonly clock: WorldClock
  readonly dispatcher: Dispatcher
  readonly world: () => World
}

/** Carries a build out, through real clients, and writes down how it fares; one that was under way begins again. */
export async function runBuild(
  { clock, dispatcher, world }: Parts,
  { id, stack, ...given }: Build,
): Promise<void> {
  const wait = (ms: number) => new Promise<void>((wake) => void clock.after(ms, wake))
  const note = (change: (build: Build) => void) => {
    const build = world().builds.find((each) => each.id === id)
    if (build) change(build)
    return build !== undefined
  }
  await wait(queuedMs)
  const there = note((build) => {
    build.phase = 'BUILD'
  })
  if (!there) return
  const ended = (status: Build['status'], line?: string) =>
    note((build) => {
      if (line) build.log.push(line)
      build.phase = 'COMPLETED'
      build.status = status
      build.endedAt = world().now
    })
  const connection = {
    endpoint: 'http://127.0.0.1:1',
    credentials,
    // A client's own retries would wait by the wall's clock.
    maxAttempts: 1,
    requestHandler: dispatcher.requestHandler({ clock, requestTimeout: answerMs }),
  }
  const say = (line: string) => void note((build) => build.log.push(line))
  const { variables, nasty } = given
  await applyTerraform({ stack, variables, connection, wait, nasty, say }).then(
    () => ended('SUCCEEDED'),
    (thrown: Error) => ended('FAILED', `Error: ${thrown.message}`),
  )
}
