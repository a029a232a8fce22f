import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { partitionOf } from './policies/arns.ts'

const Copy = z.strictObject({
  slackAppId: z.string().regex(/^A[A-Z0-9]{2,}$/, 'not the id of a Slack app'),
  slackTeamId: z.string().regex(/^T[A-Z0-9]{2,}$/, 'not the id of a Slack workspace'),
  slackEnterpriseId: z.string().regex(/^(E[A-Z0-9]{2,})?$/, 'not the id of a Slack organisation'),
  secrets: z
    .string()
    .regex(
      /^(ssm:(\/[\w.-]+)+|secretsmanager:[\w/+=.@-]+)$/,
      'neither ssm:/PATH nor secretsmanager:NAME, with no slash at the end',
    ),
  secretsKey: z
    .string()
    .regex(/^(arn:aws[a-z-]*:kms:[^:]+:\d{12}:key\/[\w-]+)?$/, 'not the ARN of a KMS key'),
  alarmEmail: z.union([z.literal(''), z.email('not an address')]),
  logDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653]),
})

const Stages = z
  .strictObject({
    account: z.string().regex(/^\d{12}$/, 'not an account id: twelve digits, in quotes'),
    operators: z.array(
      z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/, 'not the ARN of a role or a user'),
    ),
    stages: z.record(
      z.string().regex(/^[a-z][a-z0-9]{0,11}$/, 'a stage is at most 12 lower case letters and digits'),
      z.record(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'not a region name'), Copy),
    ),
  })
  .check(({ value, issues }) => {
    // The plans' roles trust the bot's account, and others in it only by name.
    for (const [index, arn] of value.operators.entries())
      if (arn.split(':')[4] !== value.account)
        issues.push({
          code: 'custom',
          message: `is of account ${arn.split(':')[4]}, not of ${value.account}`,
          path: ['operators', index],
          input: arn,
        })
  })

/** `deploy/stages.yml`, read: where the bot is deployed. */
export type Stages = z.infer<typeof Stages>
/** One deployed bot: what `stages.yml` says of it, and where it is. */
export type Copy = z.infer<typeof Copy> & {
  readonly stage: string
  readonly region: string
  readonly account: string
}

/** Reads the file. Throws an error that names every fault. */
export function readStages(file: string): Stages {
  const read = Stages.safeParse(parse(readFileSync(file, 'utf8')))
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Error([`${file} cannot be used:`, ...faults].join('\n  '))
}

/** Every copy of every stage. */
export function copiesOf({ stages, account }: Stages): readonly Copy[] {
  return Object.entries(stages).flatMap(([stage, regions]) =>
    Object.entries(regions).map(([region, copy]) => ({ ...copy, stage, region, account })),
  )
}

export const FUNCTIONS = ['front', 'worker', 'run', 'watch'] as const
export type FunctionName = (typeof FUNCTIONS)[number]

/** The name of a function's role: the same in no two copies, and known before it exists. */
export const roleName = ({ stage, region }: Pick<Copy, 'stage' | 'region'>, name: FunctionName): string =>
  `understudy-${stage}-${region}-${name}`

export const roleArn = (copy: Copy, name: FunctionName): string =>
  `arn:${partitionOf(copy.region)}:iam::${copy.account}:role/${roleName(copy, name)}`
