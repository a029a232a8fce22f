import {
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DeleteGlobalClusterCommand,
  DescribeDBClustersCommand,
  DescribeGlobalClustersCommand,
  ModifyDBClusterCommand,
  RDSClient,
  RemoveFromGlobalClusterCommand,
} from '@aws-sdk/client-rds'
import { lookAt } from '../../src/app/desk/look.ts'
import type { Answer, Question } from '../../src/engine/run.ts'
import { type FlowEnd, runFlow } from '../../src/engine/run-flow.ts'
import { aftercare } from '../../src/flows/aftercare.ts'
import type { ChoiceOf } from '../../src/flows/choice.ts'
import { chooseFailback } from '../../src/flows/choose-failback.ts'
import { failback } from '../../src/flows/failback.ts'
import { classify } from '../../src/flows/topology.ts'
import type { Mode, Side, World } from '../../src/flows/world.ts'
import { type Answering, fakeHost } from '../engine/fake-host.ts'
import { Rig } from './rig.ts'

/** A night whose people go home: they answer what they are asked, apply their Terraform, and delete by hand in dr. */
export class HomeRig extends Rig {
  /** Every question that was asked, in order: its step and its title. */
  readonly asked: Question[] = []
  /** When, world ms, where that is kept. */
  readonly askedAt: number[] = []

  /** Whether a person was asked to remove the dr cluster, and did. */
  byHand = false

  /** What `/dr failback` looks at. */
  facts() {
    const { clock } = this
    return this.until(lookAt(this.plan, this.outside, { clock, people: clock }))
  }

  async state(): Promise<string> {
    return classify(await this.facts()).word
  }

  async choose(): Promise<ChoiceOf<'failback'>> {
    return chooseFailback(this.plan, await this.facts())
  }

  /** Chooses and goes down the branch; whoever is asked gives the usual answer, unless `answer` has another. */
  async goHome({
    answer = () => undefined,
    dieAt = Number.POSITIVE_INFINITY,
    abortAt,
    choice,
  }: {
    readonly answer?: (question: Question) => Answer | undefined
    readonly dieAt?: number
    /** Somebody ends the run before this step acts. */
    readonly abortAt?: string
    readonly choice?: ChoiceOf<'failback'>
  } = {}): Promise<FlowEnd & { readonly passed: readonly string[] }> {
    const { variant, from } = choice ?? (await this.choose())
    const people: Answering = (question) => {
      this.asked.push(question)
      return answer(question) ?? this.usual(question)
    }
    const { host, passed } = fakeHost(this.memory, people, dieAt, this.time)
    const { memory } = this
    const flow = failback(variant)
    const steps = flow.steps.map((step) => ({
      ...step,
      observe: async (world: World) => {
        const seen = await step.observe(world)
        if (step.id === abortAt && seen.state !== 'done') memory.signal = 'abort'
        return step.id === abortAt && seen.state === 'ready' ? { ...seen, state: 'pending' as const } : seen
      },
    }))
    const end = await this.until(runFlow({ ...flow, steps }, this.world('planned', from), host))
    memory.signal = undefined
    return { ...end, passed }
  }

  /** The watch over what a failover to the other side has left behind; ends by itself, or after so many seconds. */
  async watch(mode: Mode, active: Side, seconds: number): Promise<FlowEnd | undefined> {
    const { host } = fakeHost(this.memory, undefined, undefined, this.time)
    const work = runFlow(aftercare, this.world(mode, active), host)
    return this.until(Promise.race([work, this.sleep(seconds * 1000).then(() => undefined)]))
  }

  usual(question: Question): Answer {
    const by = 'U2'
    if (question.options.some(({ id }) => id === 'retry'))
      throw new Error(`nobody expected a question: ${question.title} ${question.detail}`)
    switch (question.step) {
      case 'settle-lost-writes':
        return { option: 'reconciled', by, reason: 'compared by hand' }
      case 'approve-deletion':
        return { option: 'delete', by: 'U3', reason: 'it is stale' }
      case 'add-instance':
      case 'recreate-standby':
        this.apply(this.#lost)
        return { option: 'applied', by }
      case 'await-removal':
        this.byHand = true
        this.removing()
        return { option: 'removed', by }
      case 'reconcile':
        return { option: 'applied', by }
      default:
        throw new Error(`nobody expected a question: ${question.title} ${question.detail}`)
    }
  }

  get #lost(): Side {
    return this.#active === 'home' ? 'dr' : 'home'
  }
  #active: Side = 'dr'
  override world(mode: Mode, from: Side = 'home'): World {
    this.#active = from
    return super.world(mode, from)
  }

  /** The user's apply of a side's platform stack: it builds what is missing there as a secondary. */
  apply(side: Side): void {
    const app = this.plan.name as 'orders' | 'billing'
    const variables = { is_aurora_secondary: 'true', aurora_source_region: this.plan.regions[this.#active] }
    const stack = this.plan.terraform?.stacks.find((one) => one.side === side && one.layer === 'platform')
    this.simulation.apply(app, stack?.name ?? '', { variables })
  }

  /** Somebody is at it with the commands; whoever asks again does not make them begin again. */
  removing(): void {
    this.#removing ??= this.removeByHand('dr')
  }
  #removing: Promise<void> | undefined

  /** What a person does with the commands that are shown for a stale cluster. */
  async removeByHand(side: Side): Promise<void> {
    const rds = this.#rds(side)
    const { clusters, globalCluster } = this.plan.database
    const DBClusterIdentifier = clusters[side]
    const now = async () =>
      (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier })).catch(() => undefined))
        ?.DBClusters?.[0]
    const until = async (done: () => Promise<boolean>) => {
      while (!(await done())) await this.sleep(15_000)
    }
    const old = await now()
    if (old?.GlobalClusterIdentifier) {
      const { DBClusterArn, GlobalClusterIdentifier } = old
      await rds.send(
        new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier, DbClusterIdentifier: DBClusterArn }),
      )
      await until(
        async () => !(await now())?.GlobalClusterIdentifier && (await now())?.Status === 'available',
      )
    }
    if (old) {
      await rds.send(
        new ModifyDBClusterCommand({
          DBClusterIdentifier,
          DeletionProtection: false,
          ApplyImmediately: true,
        }),
      )
      for (const { DBInstanceIdentifier } of old.DBClusterMembers ?? [])
        await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }))
      await until(async () => !(await now())?.DBClusterMembers?.length)
      await rds.send(
        new DeleteDBClusterCommand({
          DBClusterIdentifier,
          SkipFinalSnapshot: false,
          FinalDBSnapshotIdentifier: `by-hand-${DBClusterIdentifier}`,
          DeleteAutomatedBackups: false,
        }),
      )
      await until(async () => (await now()) === undefined)
    }
    const globals = await rds
      .send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: globalCluster }))
      .catch(() => undefined)
    if (globals?.GlobalClusters?.[0]?.GlobalClusterMembers?.length !== 0) return
    await rds.send(new DeleteGlobalClusterCommand({ GlobalClusterIdentifier: globalCluster }))
  }

  #rds(side: Side): RDSClient {
    return new RDSClient({
      region: this.plan.regions[side],
      endpoint: 'http://127.0.0.1:1',
      credentials: { accessKeyId: 'AKIABYHAND0000000000', secretAccessKey: 'by-hand' },
      requestHandler: this.simulation.dispatcher.requestHandler({
        clock: this.clock,
        requestTimeout: 10_000,
      }),
    })
  }

  get time() {
    return { now: () => this.clock.now(), sleep: (ms: number) => this.sleep(ms) }
  }
}
