import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { scaledClock } from '../../rehearsal/clock.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { app } from '../../rehearsal/slack/cast.ts'
import { openSlack } from '../../rehearsal/slack/open.ts'
import type { SlackProxy } from '../../rehearsal/slack/proxy.ts'
import { type Diagnosis, diagnose } from '../../src/doctor/diagnose.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { type BotStack, freshStack, PREFIX, REGION, serveStack } from './bot-stack.ts'

/** A world in which everything is well, to be spoilt before it is looked at. */
export type Stage = {
  readonly aws: Simulation
  readonly stack: BotStack
  readonly proxy: SlackProxy
  /** Changes what doctor is told of the configuration; it is given and gives the plans. */
  set(change: (diagnosis: Diagnosis) => Partial<Diagnosis>): void
  /** The plan of that name with a change. */
  plan(name: string, change: (plan: Plan) => Partial<Plan>): void
  findings(): Promise<readonly Finding[]>
  /** What is not well. */
  wrong(): Promise<readonly Finding[]>
  /** Everything is well again. */
  heal(): Promise<void>
  close(): Promise<void>
}

/** Two simulated regions over sockets, the bot's stack in a third, and a Slack; one after the other uses them. */
export async function openStage(): Promise<Stage> {
  const aws = simulate({ clock: scaledClock({ scale: 1 }), seed: 7 })
  const listening = await aws.listen({ port: 0 })
  const stack = freshStack()
  const server = await serveStack(stack)
  const slack = await openSlack(undefined, { signing: 'a-signing-secret', token: 'xoxb-doctor' }, () => '')
  const proxy = slack.bundled?.proxy
  if (!proxy) throw new Error('the Slack is not the bundled one')
  const { ids, breakGlass } = slack
  const { channel, requesters, approvers } = ids
  const own = Object.fromEntries(['lambda', 'dynamodb', 'sqs', REGION].map((name) => [name, server.url]))
  const { 'aws-global': global, ...regions } = listening.regions
  const healthy = (): Diagnosis => ({
    node: process.versions.node,
    faults: [],
    plans: simulatedPlans(aws, { channel, requesters, approvers, breakGlass }),
    journal: { kind: 'dynamodb', region: REGION, table: PREFIX },
    engine: { kind: 'lambda', alias: `${PREFIX}-run:durable`, region: REGION },
    slack: { token: async () => ids.token, appId: ids.appId, teamId: ids.teamId, apiUrl: ids.api },
    clock: aws.clock,
    people: { now: () => Date.now() },
    simulated: {
      endpoints: { ...regions, route53: global ?? listening.url, shared: listening.url, ...own },
      credentials: { accessKeyId: 'AKIDDOCTOR', secretAccessKey: 'test' },
    },
  })
  let diagnosis = healthy()
  const set: Stage['set'] = (change) => {
    diagnosis = { ...diagnosis, ...change(diagnosis) }
  }
  const findings = () => diagnose(diagnosis)
  return {
    aws,
    stack,
    proxy,
    set,
    plan: (name, change) =>
      set(({ plans }) => ({
        plans: {
          ...plans,
          plans: plans.plans.map((plan) => (plan.name === name ? { ...plan, ...change(plan) } : plan)),
        },
      })),
    findings,
    wrong: async () => (await findings()).filter(({ level }) => level !== 'ok'),
    async heal() {
      await aws.reset()
      aws.removeFaults()
      Object.assign(stack, freshStack())
      proxy.scopes.splice(0, proxy.scopes.length, ...app.scopes)
      proxy.faults.length = 0
      diagnosis = healthy()
    },
    async close() {
      await Promise.all([slack.close(), server.close(), listening.close()])
    },
  }
}
