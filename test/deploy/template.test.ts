import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { templateFaults } from '../../deploy/check/template.ts'
import { roles } from '../../deploy/stack/roles.ts'
import { FUNCTIONS } from '../../deploy/stages.ts'
import { overBudget } from '../../scripts/bundle/budget.ts'
import { sizeTable } from '../../scripts/bundle/sizes.ts'
import { alarmNames, functionNames } from '../../src/doctor/stack.ts'
import { partition, tableShape } from '../../src/durable/dynamo-table.ts'
import { isLook, mayPass, objections } from './judge.ts'
import { type Packaged, packaged } from './packaged.ts'
import { copy, roleless } from './plans.ts'
import { actionsUsed } from './used.ts'

let stack: Packaged
beforeAll(async () => {
  stack = await packaged()
})
afterAll(() => stack?.remove())

describe('the template', () => {
  test('has no fault that a checker knowing the resource types can find', () => {
    expect(templateFaults(stack.template)).toEqual([])
  })

  test('has these resources', () => {
    const types = Object.values(stack.template.Resources).map(({ Type }) => Type)
    expect(
      Object.fromEntries(
        [...Map.groupBy(types.sort(), (type) => type)].map(([type, all]) => [type, all.length]),
      ),
    ).toMatchInlineSnapshot(`
      {
        "AWS::CloudWatch::Alarm": 7,
        "AWS::CloudWatch::Dashboard": 1,
        "AWS::DynamoDB::Table": 1,
        "AWS::Events::Rule": 2,
        "AWS::IAM::Role": 4,
        "AWS::Lambda::Alias": 1,
        "AWS::Lambda::EventInvokeConfig": 2,
        "AWS::Lambda::EventSourceMapping": 1,
        "AWS::Lambda::Function": 4,
        "AWS::Lambda::Permission": 4,
        "AWS::Lambda::Url": 1,
        "AWS::Lambda::Version": 1,
        "AWS::Logs::LogGroup": 4,
        "AWS::S3::Bucket": 1,
        "AWS::S3::BucketPolicy": 1,
        "AWS::SNS::Subscription": 1,
        "AWS::SNS::Topic": 1,
        "AWS::SQS::Queue": 1,
      }
    `)
  })

  test('lets the worker go on watching customers for as long as a run takes, a run at a time', () => {
    expect(stack.function('worker')).toMatchObject({ RecursiveLoop: 'Allow' })
    const [stream] = Object.values(stack.template.Resources).filter(
      ({ Type }) => Type === 'AWS::Lambda::EventSourceMapping',
    )
    expect(stream?.Properties).toMatchObject({ ParallelizationFactor: 10, BisectBatchOnFunctionError: true })
  })

  test.each(FUNCTIONS)('runs %s on Node 24 and arm64, as a role of its own', (name) => {
    expect(stack.function(name)).toMatchObject({
      FunctionName: `understudy-prod-${name}`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: `${name}.handler`,
      Role: { 'Fn::GetAtt': [`${name[0]?.toUpperCase()}${name.slice(1)}Role`, 'Arn'] },
    })
  })

  test('makes run durable, and nothing else: for a year, remembered for 90 days, minutes at a time', () => {
    expect(stack.function('run')).toMatchObject({
      Timeout: 300,
      DurableConfig: { ExecutionTimeout: 31_622_400, RetentionPeriodInDays: 90 },
      DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
    })
    for (const name of FUNCTIONS.filter((each) => each !== 'run'))
      expect(stack.function(name)).not.toHaveProperty('DurableConfig')
  })

  test('starts runs by an alias of a version, which executions stay on', () => {
    const alias = stack.resource('RunDurableLambdaAlias')
    const version = stack.idOf('AWS::Lambda::Version')
    expect(alias).toMatchObject({ Name: 'durable', FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] } })
    expect(stack.template.Resources[version]).toMatchObject({ DeletionPolicy: 'Retain' })
    const engine = stack.variables('worker').UNDERSTUDY_ENGINE
    expect(stack.resolved(engine)).toBe(
      'lambda:arn:aws:lambda:us-west-2:999900001111:function:understudy-prod-run:durable',
    )
  })

  test('has no secret in it, and none in an environment', () => {
    expect(JSON.stringify(stack.template)).not.toMatch(
      /xox[abposr]-|xapp-|[0-9a-f]{32}|AKIA|BEGIN [A-Z ]*PRIVATE/,
    )
    for (const name of FUNCTIONS) {
      const names = Object.keys(stack.variables(name))
      expect(names.filter((each) => /SIGNING|TOKEN|PASSWORD|KEY/.test(each))).toEqual([])
      expect(stack.variables(name).UNDERSTUDY_SECRETS).toBe('ssm:us-west-2/understudy/prod')
    }
  })

  test('keeps logs for as long as is said, and no longer', () => {
    for (const name of FUNCTIONS)
      expect(stack.resource(`${name[0]?.toUpperCase()}${name.slice(1)}LogGroup`)).toEqual({
        LogGroupName: `/aws/lambda/understudy-prod-${name}`,
        RetentionInDays: 90,
      })
  })

  test('keeps the journal: whatever happens to the stack, and to its items', () => {
    expect(stack.resource('Journal')).toEqual({
      TableName: 'understudy-prod',
      ...tableShape,
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    })
    expect(stack.template.Resources.Journal).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    })
  })

  test('wakes the worker with what it has to hear of, a few times in vain and then no more', () => {
    expect(stack.resource(stack.idOf('AWS::Lambda::EventSourceMapping'))).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': ['Journal', 'StreamArn'] },
      MaximumBatchingWindowInSeconds: 0,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } } },
      FilterCriteria: { Filters: [{ Pattern: expect.any(String) }, { Pattern: expect.any(String) }] },
    })
  })

  test('wakes the watch every minute, and when an execution of run has ended', () => {
    const rules = Object.values(stack.template.Resources).filter(({ Type }) => Type === 'AWS::Events::Rule')
    expect(rules.map(({ Properties }) => Properties)).toMatchObject([
      { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' },
      {
        EventPattern: {
          source: ['aws.lambda'],
          'detail-type': ['Durable Execution Status Change'],
          detail: { status: ['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT'] },
        },
      },
    ])
    for (const rule of rules)
      expect(rule.Properties?.Targets).toMatchObject([
        { Arn: { 'Fn::GetAtt': ['WatchLambdaFunction', 'Arn'] } },
      ])
  })

  test('gives Slack an address, and asks nobody there for an AWS signature', () => {
    expect(stack.resource('FrontLambdaFunctionUrl')).toMatchObject({ AuthType: 'NONE' })
    expect(stack.function('front')).toMatchObject({ Timeout: 10, MemorySize: 1024 })
    expect(stack.function('front')).not.toHaveProperty('ReservedConcurrentExecutions')
    const open = Object.entries(stack.template.Resources).filter(
      ([, { Properties }]) => Properties?.Principal === '*',
    )
    expect(open.map(([id]) => id)).toEqual(['FrontLambdaPermissionFnUrl', 'FrontLambdaPermissionFn'])
  })
})

describe('alarms', () => {
  const NAMES = [
    'dead-letters',
    'front-errors',
    'front-slow',
    'run-failed',
    'run-stuck',
    'watch-silent',
    'worker-behind',
  ]

  test('are these, and all of them are heard', () => {
    const alarms = stack.alarms()
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(
      NAMES.map((name) => `understudy-prod-${name}`),
    )
    for (const alarm of alarms) expect(alarm.AlarmActions).toEqual([{ Ref: 'Alarms' }])
  })

  test('are all looked for by doctor', () => {
    expect([...alarmNames].sort()).toEqual([...NAMES].sort())
    expect([...functionNames]).toEqual([...FUNCTIONS])
  })

  test('are all explained to whoever is paged', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/operating.md'), 'utf8')
    for (const name of NAMES) expect(page).toContain(`| \`${name}\` |`)
  })

  test('go by figures that the bot writes down under that name', () => {
    const told = globSync('src/app/**/*.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .join()
    const own = stack.metrics().filter(({ Namespace }) => Namespace === 'Understudy')
    expect(own.map(({ MetricName }) => MetricName).sort()).toEqual(['RunFailed', 'RunStuck', 'WatchRan'])
    for (const { MetricName, Dimensions } of own) {
      expect(told).toContain(`${MetricName}: [`)
      expect(Dimensions).toEqual([{ Name: 'service', Value: stack.variables('watch').UNDERSTUDY_SERVICE }])
    }
  })

  test('say so when nothing is heard of the watch', () => {
    expect(stack.resource('WatchSilent')).toMatchObject({
      TreatMissingData: 'breaching',
      EvaluationPeriods: 5,
      Period: 60,
    })
  })

  test('ring before Slack stops waiting', () => {
    expect(stack.resource('FrontSlow')).toMatchObject({ ExtendedStatistic: 'p99', Threshold: 2500 })
  })

  test('are mailed to nobody, where nobody was named', () => {
    expect(stack.resource('AlarmMail')).toMatchObject({ Protocol: 'email', Endpoint: '' })
    expect(stack.template.Resources.AlarmMail).toMatchObject({ Condition: 'HasAlarmEmail' })
    expect(stack.template.Conditions?.HasAlarmEmail).toEqual({ 'Fn::Equals': ['no', 'yes'] })
  })
})

describe('what a role may do', () => {
  test.each(FUNCTIONS)('%s', (name) => {
    const lines = stack.statements(name).map(({ Effect, Action, Resource, Condition }) => {
      const what = `${Effect === 'Deny' ? 'never ' : ''}${Action.join(' ')} -> ${Resource.join(' ')}`
      return Condition ? `${what} if ${JSON.stringify(Condition)}` : what
    })
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot()
  })

  test.each(FUNCTIONS)('AWS has nothing against the role of %s', async (name) => {
    for (const statement of stack.statements(name)) expect(await objections(statement)).toEqual([])
  })

  test('nobody but run can change anything that is not the bot’s own', async () => {
    const own = /^arn:aws:(lambda|logs|dynamodb|sqs|ssm):us-west-2:999900001111:.*understudy[-/]prod/
    for (const name of FUNCTIONS.filter((each) => each !== 'run'))
      for (const { Effect, Action, Resource, Condition } of stack.statements(name)) {
        if (Effect === 'Deny' || Resource.every((arn) => own.test(arn))) continue
        const isLooking = Condition?.StringEquals?.['sts:RoleSessionName'] === 'understudy-look'
        for (const action of Action)
          expect([name, action, isLooking || (await isLook(action))]).toEqual([name, action, true])
      }
  })

  test('nobody but run can, where the plans name no roles either', async () => {
    const all = roles(copy, [roleless])
    for (const name of ['FrontRole', 'WorkerRole', 'WatchRole']) {
      const [, plans] = all[name]?.Properties.Policies ?? expect.fail()
      const allowed = (plans?.PolicyDocument.Statement ?? []).filter(({ Effect }) => Effect === 'Allow')
      expect(allowed.length > 0).toBe(name !== 'FrontRole')
      for (const action of allowed.flatMap(({ Action }) => Action))
        expect([action, await isLook(action)]).toEqual([action, true])
    }
  })

  test('the front takes requests down, and can neither write events nor take anything back', () => {
    const statements = stack.statements('front')
    const table = 'arn:aws:dynamodb:us-west-2:999900001111:table/understudy-prod'
    const keys = (action: string) =>
      statements
        .filter(({ Action, Resource }) => Action.includes(action) && Resource.includes(table))
        .flatMap(({ Condition }) => Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? 'all')
    expect(keys('dynamodb:PutItem')).toEqual([partition.inbox, `${partition.pointer}slack-told:*`])
    expect(keys('dynamodb:Query')).toEqual([`${partition.run}*`])
    expect(keys('dynamodb:UpdateItem')).toEqual([])
    const start = {
      action: 'lambda:InvokeFunction',
      resource: 'arn:aws:lambda:us-west-2:999900001111:function:understudy-prod-run:durable',
    }
    expect(mayPass(statements, start)).toBe(false)
    expect(mayPass(stack.statements('worker'), start)).toBe(true)
  })

  test('run reads no secret', () => {
    expect(JSON.stringify(stack.statements('run'))).not.toMatch(/ssm:|secretsmanager:|kms:/)
  })

  test('whoever steers runs has what the engine and the journal call', () => {
    const used = actionsUsed('src/durable/dynamo-*.ts', 'src/durable/lambda-engine.ts')
    expect(used.length).toBeGreaterThan(8)
    for (const name of ['worker', 'run', 'watch'] as const) {
      const allowed = stack.statements(name).flatMap(({ Action }) => Action)
      expect(used.filter((action) => !allowed.includes(action))).toEqual([])
    }
  })

  test('whoever talks to Slack can read the secrets, wherever they are', () => {
    const used = actionsUsed('src/aws/secrets-ssm.ts', 'src/aws/secrets-manager.ts')
    expect(used).toEqual(['secretsmanager:GetSecretValue', 'ssm:GetParameters'])
    const elsewhere = roles(
      {
        ...copy,
        secrets: 'secretsmanager:understudy/prod',
        secretsKey: 'arn:aws:kms:us-west-2:999900001111:key/1',
      },
      [],
    )
    const [own] = elsewhere.FrontRole?.Properties.Policies ?? expect.fail()
    const found = own?.PolicyDocument.Statement.filter(({ Action }) =>
      /secretsmanager|kms/.test(String(Action)),
    )
    expect(found).toMatchInlineSnapshot(`
      [
        {
          "Action": [
            "secretsmanager:GetSecretValue",
          ],
          "Effect": "Allow",
          "Resource": [
            {
              "Fn::Sub": "arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:understudy/prod-??????",
            },
          ],
        },
        {
          "Action": [
            "kms:Decrypt",
          ],
          "Condition": {
            "StringEquals": {
              "kms:ViaService": "secretsmanager.us-west-2.amazonaws.com",
            },
          },
          "Effect": "Allow",
          "Resource": [
            "arn:aws:kms:us-west-2:999900001111:key/1",
          ],
        },
      ]
    `)
    expect(stack.statements('front').flatMap(({ Action }) => Action)).toContain('ssm:GetParameters')
  })
})

describe('the packages', () => {
  test('were made while talking to anybody would have been the end of it', () => {
    const guard = join(import.meta.dirname, 'no-network.cjs')
    const talking = "fetch('http://127.0.0.1:8099/').catch(() => {})"
    const ended = spawnSync(process.execPath, ['--require', guard, '-e', talking], { encoding: 'utf8' })
    expect(ended.status).toBe(66)
    expect(ended.stderr).toContain('tried to reach')
  })

  test('are within their budgets, and are what osls deploys', () => {
    expect(stack.packed.map(({ name }) => name).sort()).toEqual([...FUNCTIONS].sort())
    console.log(sizeTable(stack.packed).join('\n'))
    expect(stack.packed.flatMap((one) => overBudget(one.name, one))).toEqual([])
    for (const { zipped } of stack.packed) expect(zipped).toBeGreaterThan(50_000)
    for (const name of FUNCTIONS) expect(JSON.stringify(stack.function(name).Code)).toContain(`/${name}.zip`)
  })

  test('would be too big with a few bytes more than they may have, or if nobody had said how big they may be', () => {
    expect(overBudget('front', { entry: 260_001, all: 900_000 })).toEqual([
      'front: entry is 260001 bytes, more than the 260000 it may have',
    ])
    expect(overBudget('back', { entry: 1, all: 1 })).toEqual([
      'back has no size budget: scripts/bundle/budget.ts',
    ])
  })

  test('are the same bytes when they are made again', async () => {
    const before = stack.digests()
    await stack.pack()
    expect(stack.digests()).toEqual(before)
  })

  test.each(FUNCTIONS)(
    '%s starts from its own package, with its own chunks only and no source map',
    (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'package-'))
      for (const [file, data] of Object.entries(unzipSync(readFileSync(stack.zip(name))))) {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), data)
      }
      const files = globSync('**/*.*', { cwd: folder })
      expect(files).toContain('plans.json')
      expect(files.filter((file) => file.endsWith('.map'))).toEqual([])
      expect(files.filter((file) => !file.includes('/')).sort()).toEqual([`${name}.mjs`, 'plans.json'].sort())
      const script = `import('${join(folder, `${name}.mjs`)}').then((m) => console.log(typeof m.handler))`
      const started = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' })
      rmSync(folder, { recursive: true })
      expect(started.stderr).toBe('')
      expect(started.stdout.trim()).toBe('function')
    },
  )
})
