import { afterEach, describe, expect, test } from 'vitest'
import { labels, words } from './channel.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

const nothingStarted = async () => {
  await stage.pass(20_000)
  expect(stage.changes()).toEqual([])
  expect(await stage.journal.runs({})).toEqual([])
  expect(stage.channel.posted).toEqual([])
}

describe('what is typed', () => {
  test('names no plan that there is: the plans are listed', async () => {
    stage = await Stage.open()
    for (const command of ['/dr failover ordres', '/dr status ordres'])
      expect(await stage.maya.types(command)).toMatch(
        /There is no plan “ordres”.*Nothing was changed.*The plans are: billing, orders/s,
      )
    expect(await stage.maya.types('/dr failover')).toMatch(
      /it needs the name of a plan.*Nothing was changed/s,
    )
    await nothingStarted()
  })

  test.each([
    ['/dr failovr orders', /Did you mean `\/dr failover orders`\?/],
    ['/dr stauts', /Did you mean `\/dr status`\?/],
    ['/dr fialover orders emergency', /Did you mean `\/dr failover orders emergency`\?/],
    ['/dr failover orders emergancy', /did you mean “emergency”\?/],
    ['/dr make coffee', /I don't know “make coffee”/],
    ['/dr failover orders; rm -rf /', /I don't know/],
    ['/dr failover <!channel>', /I don't know/],
  ])('is %s: the nearest real one is named, and nothing happens', async (line, told) => {
    stage = await Stage.open()
    const said = await stage.maya.types(line)
    expect(said).toMatch(told)
    expect(said).toMatch(/Nothing was changed/)
    expect(said).toMatch(/\/dr help|\/dr failover/)
    expect(said).not.toContain('<!channel>')
    await nothingStarted()
  })

  test('is only /dr: what can be done, in ten lines', async () => {
    stage = await Stage.open()
    const said = await stage.maya.types('/dr')
    for (const command of ['status', 'failover', 'runs', 'help']) expect(said).toContain(`/dr ${command}`)
    expect(said.split('\n').length).toBeLessThanOrEqual(10)
  })
})

describe('a plan file that is broken', () => {
  const broken = [
    'version: 1',
    'name: broken',
    'regions:',
    '  home: us-east-1',
    '  dr: us-east-1',
    'colour: blue',
    'database: yes',
  ].join('\n')

  test('is told with every fault and its line; the others work', async () => {
    stage = await Stage.open({ files: { 'broken.yaml': broken } })
    const { maya } = stage
    await maya.types('/dr status')
    const all = await maya.hears(/\d plans/)
    expect(all).toMatch(
      /:red_circle: \*broken\* · its file is broken: broken\.yaml:1:1 accounts: is missing \(an object\)/,
    )
    expect(all).toMatch(/:large_green_circle: \*orders\* · STEADY/)
    expect(all).toMatch(/:large_green_circle: \*billing\* · STEADY/)

    const said = await maya.types('/dr failover broken')
    expect(said).toMatch(/The plan “broken” cannot be used/)
    for (const fault of [
      /broken\.yaml:6:\d+ .*colour/,
      /broken\.yaml:7:\d+ database/,
      /broken\.yaml:\d+:\d+ .*slack/,
    ])
      expect(said).toMatch(fault)
    expect(said).toMatch(
      /Nothing was changed.*Correct the plan file and deploy it; the other plans are not affected/s,
    )
    expect(await maya.types('/dr status broken')).toMatch(/The plan “broken” cannot be used/)
    await nothingStarted()

    const card = await stage.asks(maya)
    expect(words(card)).toMatch(/Planned failover of Orders API/)
  })
})

const OPERATOR = 'arn:aws:iam::111122223333:role/understudy-operator'
const ALL = [
  'rds',
  'ecs',
  'elasticloadbalancing',
  'cloudwatch',
  'apigateway',
  'sts',
  'application-autoscaling',
]
/** Everything but what starts with one of these. */
const except = (...services: string[]) =>
  ALL.filter((name) => !services.includes(name)).map((name) => `${name}:*`)

describe('a permission is missing', () => {
  test('to look: the status says so, with the action and the role', async () => {
    stage = await Stage.open()
    stage.simulation.allow(OPERATOR, [...except('ecs', 'rds'), 'rds:DescribeGlobalClusters'])
    await stage.maya.types('/dr status orders')
    const said = await stage.maya.hears(/Orders API/)
    expect(said).toMatch(
      /Services: unknown: .*refused.*role\/understudy-operator.*ecs:DescribeServices.*\(denied\)/,
    )
    expect(said).toMatch(/Cluster: unknown: .*understudy-operator.*rds:DescribeDBClusters.*\(denied\)/)
    expect(said).not.toMatch(/large_green_circle: (Cluster|orders-api)/)
  })

  test('to look at the target: even an emergency is refused, and says what to correct', async () => {
    stage = await Stage.homeIsDark()
    stage.simulation.allow(OPERATOR, except('rds'))
    await stage.maya.types('/dr failover orders')
    expect(await stage.maya.hears(/is refused/)).toMatch(
      /the role is refused in us-west-2.*rds:DescribeDBClusters.*Nothing was changed.*Correct the role/s,
    )
    await nothingStarted()
  })

  test.each([
    [
      'application-autoscaling',
      'application-autoscaling:RegisterScalableTarget',
      'Ask for full capacity',
      [],
    ],
    ['rds', 'rds:FailoverGlobalCluster', 'Promote the standby', ['rds:Describe*']],
  ])(
    'to act (%s): a person is asked, and once it is given Retry finishes the run',
    async (service, action, step, also) => {
      stage = await Stage.homeIsDark()
      const { jonas, priya, simulation } = stage
      const reads = service === 'application-autoscaling' ? [`${service}:Describe*`] : []
      simulation.allow(OPERATOR, [...except(service), ...reads, ...also])
      await priya.approves(await stage.asks(jonas))

      const question = await stage.decision()
      expect(words(question)).toContain(`“${step}`)
      expect(words(question)).toContain(`AWS refused ${action}`)
      expect(words(question)).toContain(OPERATOR)
      expect(words(question)).toMatch(
        /in us-west-2.*That call changed nothing.*Allow .* to that role, then press Retry/s,
      )
      expect(labels(question)).toContain('Retry (looks first)')
      const refused = stage.changes().length
      await stage.pass(120_000)
      expect(stage.changes()).toHaveLength(refused)

      simulation.allow(OPERATOR, undefined)
      await priya.clicks('Retry (looks first)', question)
      const run = await stage.runWhen('has come to the end, or past the step', ({ phase, steps }) =>
        service === 'rds'
          ? phase === 'ended'
          : steps.some(({ id, state }) => id === 'promote-standby' && state === 'done'),
      )
      if (service === 'rds') expect(run.outcome).toBe('done')
      expect(stage.changes('FailoverGlobalCluster').filter(({ outcome }) => outcome === 'ok')).toHaveLength(1)
      await stage.pass(5_000)
      expect(words(await stage.board())).toMatch(/Waited for people\*\n2m/)
    },
  )
})
