import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Statement } from '../../deploy/policies/statement.ts'
import { FUNCTIONS, type FunctionName } from '../../deploy/stages.ts'
import { handlers, packFunctions } from '../../scripts/bundle/functions.ts'
import { writeGenerated } from '../../scripts/package/generate.ts'
import { packageCopy } from '../../scripts/package/osls.ts'
import { compilePlans } from '../../src/plan/compiled.ts'
import { billing, copy, orders, stages } from './plans.ts'

const ROOT = join(import.meta.dirname, '../..')
type Properties = Readonly<Record<string, unknown>>
type Metric = { readonly Namespace: string; readonly MetricName: string; readonly Dimensions: unknown }
export type Packaged = Awaited<ReturnType<typeof packaged>>

/** Everything that `npm run package` makes of the first copy and the example plans, in a folder of its own. */
export async function packaged() {
  // Osls finds what it deploys below the repository.
  const dist = `dist/test-${process.pid}`
  const folder = join(ROOT, dist)
  const plans = [billing, orders]
  const pack = () => packFunctions(handlers(), compilePlans({ plans, broken: [] }), folder)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const make = async () => {
    const packed = await pack()
    writeGenerated(stages, plans, folder)
    return { packed, template: await withoutNetwork(() => packageCopy(copy, dist)) }
  }
  const { packed, template } = await make().catch((error) => {
    remove()
    throw error
  })

  const zip = (name: FunctionName) => join(folder, `functions/${name}.zip`)
  const resource = (id: string): Properties => template.Resources[id]?.Properties ?? {}
  const ofFunction = (name: FunctionName) => resource(`${capital(name)}LambdaFunction`)
  const alarms = () =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties = {} }) => Properties)

  return {
    template,
    packed,
    pack,
    zip,
    resource,
    resolved,
    alarms,
    function: ofFunction,
    variables: (name: FunctionName) =>
      (ofFunction(name).Environment as { Variables: Readonly<Record<string, unknown>> }).Variables,
    idOf: (type: string) =>
      Object.keys(template.Resources).find((id) => template.Resources[id]?.Type === type) ?? '',
    /** A role's statements as they are once CloudFormation has filled them in. */
    statements: (name: FunctionName): readonly Statement[] => statementsOf(resource(`${capital(name)}Role`)),
    /** The metrics alarms go by, those inside of expressions too. */
    metrics: () => alarms().flatMap(metricsOf),
    digests: () =>
      FUNCTIONS.map((name) =>
        createHash('sha256')
          .update(readFileSync(zip(name)))
          .digest('hex'),
      ),
    remove,
  }
}

const capital = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`

/** Processes started meanwhile die when they try to reach anybody. */
async function withoutNetwork<T>(work: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `--require ${join(import.meta.dirname, 'no-network.cjs')}`
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}

function statementsOf(role: Properties): readonly Statement[] {
  const policies = role.Policies as readonly { PolicyDocument: { Statement: readonly Statement[] } }[]
  return policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map((statement) => ({ ...statement, Resource: statement.Resource.map(resolved) }))
}

function metricsOf(alarm: Properties): Metric[] {
  const { Metrics = [] } = alarm as { Metrics?: readonly { MetricStat?: { Metric: Metric } }[] }
  return alarm.MetricName ? [alarm as Metric] : Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  'Journal.Arn': 'arn:aws:dynamodb:us-west-2:999900001111:table/understudy-prod',
  'Journal.StreamArn': 'arn:aws:dynamodb:us-west-2:999900001111:table/understudy-prod/stream/*',
  'DeadLetters.Arn': 'arn:aws:sqs:us-west-2:999900001111:understudy-prod-dead-letters',
}

/** What CloudFormation would make of a value, in the first copy's account and region. */
function resolved(value: unknown): string {
  if (typeof value === 'string') return value
  const { 'Fn::Sub': text, 'Fn::GetAtt': attribute } = value as {
    'Fn::Sub'?: string
    'Fn::GetAtt'?: string[]
  }
  if (attribute) return ATTRIBUTES[attribute.join('.')] ?? `nothing known of ${attribute.join('.')}`
  return String(text).replace(/\$\{AWS::(\w+)\}/g, (_, name: string) => PSEUDO[name] ?? `no AWS::${name}`)
}

const PSEUDO: Readonly<Record<string, string>> = {
  Partition: 'aws',
  Region: copy.region,
  AccountId: copy.account,
}
