import { afterEach, describe, expect, test } from 'vitest'
import { labels, words } from './channel.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

/** The changing calls of an emergency failover of orders, in the order in which the floor of the outage needs them. */
const CALLS = [
  'Application Auto Scaling RegisterScalableTarget us-west-2',
  'Application Auto Scaling RegisterScalableTarget us-west-2',
  'ECS UpdateService us-west-2',
  'ECS UpdateService us-west-2',
  'RDS FailoverGlobalCluster us-west-2',
  'ECS UpdateService us-west-2',
  'Route 53 ChangeResourceRecordSets us-east-1',
]
const callsMade = () =>
  stage.changes().map(({ service, operation, region }) => `${service} ${operation} ${region}`)

describe('home is dark and orders has to move', () => {
  test('from the first look to the summary, as two people', async () => {
    stage = await Stage.homeIsDark()
    const { maya, jonas, priya, simulation } = stage

    expect(await maya.types('/dr status orders')).toMatch(/Looking at orders in both regions/)
    expect(await maya.hears(/Orders API/)).toMatch(
      /Cluster: unknown: RDS in us-east-1 gave no answer in 1\.\d s/,
    )

    expect(await jonas.types('/dr failover orders')).toMatch(
      /plan card follows .* Nothing is changed before it is approved/,
    )
    const card = await stage.card()
    expect(words(card)).toMatch(
      /Emergency failover of Orders API: us-east-1 \(home\) to us-west-2 \(dr\): needs approval/,
    )
    expect(words(card)).toContain('cluster:orders-dr')
    expect(words(card)).toMatch(/What cannot be undone\*\n.*Promote the standby cluster/)
    expect(words(card)).toMatch(/0\.\d s, read 1m \d\ds ago; later writes may be lost too/)
    expect(words(card)).toMatch(/7 changing API calls/)

    await jonas.clicks('Review and approve', card)
    expect(await jonas.hears(/You asked for this run, so somebody else has to approve it/)).toMatch(
      /Nothing was changed/,
    )
    expect(jonas.form).toBeUndefined()
    expect(stage.changes()).toEqual([])

    await priya.clicks('Review and approve', card)
    expect(words(priya.form)).toMatch(/one of its steps cannot be undone/)
    expect(await priya.submits({ phrase: 'orders', reason: 'us-east-1 is dark' })).toBeUndefined()
    const run = await stage.runWhen('has ended', ({ phase }) => phase === 'ended')
    expect(run).toMatchObject({
      outcome: 'done',
      proposal: { requestedBy: jonas.id },
      approval: { by: priya.id, reason: 'us-east-1 is dark', breakGlass: false },
    })
    await stage.pass(20_000)

    expect(callsMade()).toEqual(CALLS)
    expect(simulation.slo('orders').successNow).toBe(1)
    expect(simulation.world.rds.globals.find(({ app }) => app === 'orders')?.writer).toMatch(
      /cluster:orders-dr$/,
    )
    expect(simulation.slo('orders').outage?.to).not.toBeNull()

    const [settled, board, ...others] = await stage.channel.messages()
    expect(others.map(({ text }) => text.replace(/: 0 of .*/, ''))).toEqual([
      '[SIMULATED] Aftercare of orders',
    ])
    expect(words(settled)).toMatch(/: approved\n.*Approved by <@U0PRIYARAO>: “us-east-1 is dark”/)
    expect(settled && labels(settled)).toEqual([])
    expect(words(board)).toMatch(/11 of 13 steps: done/)
    expect(board && labels(board)).toEqual([])

    const thread = await stage.thread()
    expect(thread.map(({ text }) => text.replace(/^\[SIMULATED\] /, '').replace(/ after .*/, ''))).toEqual([
      ':white_check_mark: Approved by <@U0PRIYARAO>: “us-east-1 is dark”.',
      'Check the account, the role and the target cluster: done',
      'Ask for full capacity on the side that takes over: asked for',
      'Ask for full capacity on the side that takes over: done',
      'Stop the writers of the old side, where it still answers: still owed',
      'Let replication catch up, if the old side was stopped: done',
      'Promote the standby cluster to writer (managed failover): asked for',
      'Promote the standby cluster to writer (managed failover): done',
      'Wait until the capacity is there: done',
      'Replace tasks that hold connections to the old writer: asked for',
      'Replace tasks that hold connections to the old writer: done',
      'Switch the load balancer listener to the live target group: was so already',
      'Prove the new side through its own address: done',
      'Take the DNS records: customers are sent to the new side: asked for',
      'Take the DNS records: customers are sent to the new side: done',
      "Wait until all of Route 53's servers answer with the new side: done",
      'Prove that the old side cannot write: still owed',
      'Verify that customers are served: probe, traffic, alarms: done',
      'Emergency failover of Orders API: us-east-1 (home) to us-west-2 (dr): done',
      'Report: Emergency failover of Orders API: us-east-1 (home) to us-west-2 (dr)',
    ])
  })

  test('and over sockets, while the clocks run', async () => {
    stage = await Stage.homeIsDark({ sockets: { world: 90, people: 20 } })
    const { jonas, priya, simulation } = stage
    await priya.approves(await stage.asks(jonas))
    const run = await stage.runWhen('has ended', ({ phase }) => phase === 'ended')
    expect(run.outcome).toBe('done')
    expect(callsMade()).toEqual(CALLS)
    expect(simulation.slo('orders').successNow).toBe(1)
    await stage.until('the summary is up', () =>
      stage.channel.posted.some(({ text }) => /\(dr\): done after/.test(text)),
    )
    expect((await stage.thread()).at(-2)?.text).toMatch(/done after/)
  })
})
