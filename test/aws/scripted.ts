import * as codebuild from '@aws-sdk/client-codebuild'
import * as rds from '@aws-sdk/client-rds'
import * as route53 from '@aws-sdk/client-route-53'
import * as sts from '@aws-sdk/client-sts'
import { Dispatcher } from '../../rehearsal/aws/wire/dispatch.ts'
import { type Call, type Handlers, Service } from '../../rehearsal/aws/wire/service.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { Clients } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import type { Patience } from '../../src/aws/patience.ts'
import type { Outside } from '../../src/flows/world.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { ownKeys, shipped } from './rig.ts'

export type Script = {
  readonly rds?: Handlers<typeof rds>
  readonly codebuild?: Handlers<typeof codebuild>
  readonly route53?: Handlers<typeof route53>
  /** What deadlines run on; absent: the wall's time. */
  readonly patience?: Patience
}
export type Scripted = {
  readonly outside: Outside
  readonly plan: Plan
  /** Everything that was asked but for credentials; `as`: the role whose credentials signed it. */
  readonly calls: readonly (Pick<Call, 'region' | 'operation' | 'params'> & { readonly as: string })[]
  /** The changes among them: `us-east-1 CopyDBClusterSnapshot`. */
  changes(): readonly string[]
}

/** The real clients and adapters over answers of a test's own: for pages, races and states that are hard to bring about. */
export function scripted(script: Script, change: Partial<Plan> = {}): Scripted {
  const clock = manualClock(Date.parse('2026-11-20T09:00:00Z'))
  const calls: Scripted['calls'][number][] = []
  const assumed: Handlers<typeof sts> = {
    AssumeRole: ({ RoleArn = '' }) => ({
      Credentials: {
        AccessKeyId: RoleArn.split('/').at(-1),
        SecretAccessKey: 'test',
        SessionToken: 'test',
        Expiration: new Date(clock.now() + 3_600_000),
      },
    }),
  }
  const services = [
    new Service('rds', rds, rds.RDSClient, script.rds ?? {}),
    new Service('codebuild', codebuild, codebuild.CodeBuildClient, script.codebuild ?? {}),
    new Service('route53', route53, route53.Route53Client, script.route53 ?? {}),
    new Service('sts', sts, sts.STSClient, assumed),
  ]
  const dispatcher = new Dispatcher(services, ({ region, operation, params, accessKeyId, service }) => {
    if (service !== 'STS') calls.push({ region, operation, params, as: accessKeyId })
  })
  const clients = new Clients({
    people: clock,
    credentials: ownKeys,
    ...(script.patience ? { patience: script.patience } : {}),
    requestHandler: ({ requestTimeout }) => dispatcher.requestHandler({ requestTimeout }),
  })
  const plan = { ...shipped('orders'), ...change }
  const reads = /^(Describe|List|BatchGet)/
  return {
    outside: outside({ plan, clients, clock }),
    plan,
    calls,
    changes: () =>
      calls
        .filter(({ operation }) => !reads.test(operation))
        .map(({ region, operation }) => `${region} ${operation}`),
  }
}

/** What an exception of the SDK is made of. */
export const saying = (message: string) => ({ message, $metadata: {} })
