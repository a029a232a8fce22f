import * as z from 'zod'
import { consistency } from './consistency.ts'

const Region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'not a region name, such as us-east-1')
const AccountId = z.string().regex(/^\d{12}$/, 'not an account id: twelve digits, in quotes')
const Arn = z.string().startsWith('arn:', 'not an ARN')
const SlackUser = z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'not a Slack user id, such as U0123ABC')
const Url = z.url({ protocol: /^https?$/, error: 'not an http(s) URL' })
const Text = z.string().min(1, 'must not be empty')
const Count = z.number().int().nonnegative()

/** The same thing on either side. */
const sides = <T extends z.ZodType>(of: T) => z.strictObject({ home: of, dr: of })

const Account = z.strictObject({
  id: AccountId,
  role: Arn.optional().describe(
    "Assumed through the regional STS; left out, the bot's own credentials are used",
  ),
  externalId: z.string().min(2).optional(),
})

const Workload = Account.extend({
  deletionRole: Arn.optional().describe(
    'Assumed only to delete a stale cluster in an approved rebuild; left out, `role` is used, which the generated policies do not let delete',
  ),
})

const Variable = z.string().regex(/^[A-Za-z_][\w-]*$/, 'not the name of a Terraform variable')

const TerraformStack = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][\w.-]*$/,
      'letters, digits, dots, hyphens and underscores: plan files are called so',
    ),
  side: z.enum(['home', 'dr']),
  layer: z
    .enum(['platform', 'workloads'])
    .describe('Platforms (database, network) are applied before workloads'),
  directory: Text.regex(/^[^`\p{Cc}]*$/u, 'must be one line without backticks').describe(
    'Where its configuration is, for the commands that are shown',
  ),
  stateRegion: Region.optional().describe('Where its state is kept: not in the region that may be down'),
  codeBuild: Text.regex(/^[A-Za-z0-9][\w-]*$/, 'not the name of a CodeBuild project')
    .optional()
    .describe("A CodeBuild project in that side's region that applies it"),
})

const Terraform = z
  .strictObject({
    variables: z
      .strictObject({
        isSecondary: Variable.default('is_aurora_secondary'),
        sourceRegion: Variable.default('aurora_source_region'),
      })
      .default({ isSecondary: 'is_aurora_secondary', sourceRegion: 'aurora_source_region' })
      .describe('How the configuration calls the two variables that make a cluster a secondary'),
    stacks: z.array(TerraformStack).min(1, 'at least one stack is needed'),
  })
  .describe('The Terraform that owns these resources. It stays yours: it is shown, scanned and waited for')

const Drill = z
  .strictObject({
    everyDays: z.number().int().positive().default(90),
    soakMinutes: z
      .number()
      .positive()
      .default(10)
      .describe('How long dr serves customers before it is decided to go home'),
    window: z
      .strictObject({
        days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1, 'at least one day'),
        from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'not a time, such as 09:00'),
        to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'not a time, such as 17:00'),
        timeZone: Text.default('UTC'),
      })
      .optional()
      .describe('When a drill may begin; left out: always'),
  })
  .default({ everyDays: 90, soakMinutes: 10 })

const Capacity = z
  .strictObject({ active: Count, standby: Count, max: Count })
  .describe('Desired tasks while this side serves, while it waits, and the ceiling of auto scaling')

const Service = z.strictObject({
  name: Text,
  ecs: sides(z.strictObject({ cluster: Text, service: Text })).describe('ECS cluster and service names'),
  capacity: sides(Capacity),
  writes: z
    .boolean()
    .describe('Its tasks hold connections to the writer: it is fenced, and its pools are refreshed'),
  targetGroup: sides(Arn)
    .optional()
    .describe('Target groups whose healthy targets prove that the service serves'),
})

const Listener = z.strictObject({
  arn: Arn.describe('The ALB listener whose default forward action is switched'),
  serves: Arn.describe('The target group that gets the default traffic while this side is active'),
})

const Target = z.strictObject({ dnsName: Text, hostedZoneId: Text })

const DnsRecord = z.strictObject({
  name: Text,
  type: z.enum(['A', 'AAAA']),
  targets: sides(Target),
  evaluateTargetHealth: z.boolean().default(false),
  apiGatewayDomain: Text.optional().describe(
    'Custom domain that must exist on the side that takes the record',
  ),
})

const Database = z.strictObject({
  globalCluster: Text,
  clusters: sides(Text).describe('DB cluster identifiers, not ARNs'),
  usesGlobalWriterEndpoint: z.boolean(),
  lagLimitSeconds: z.number().positive().describe('Above this, replication lag is a warning on the card'),
  rescueKeys: sides(Arn)
    .optional()
    .describe('KMS keys of the two regions: with them, rescued snapshots are copied to the other region too'),
})

const Objectives = z.strictObject({
  rtoMinutes: z.number().positive(),
  rpoSeconds: z.number().nonnegative(),
  trafficFloorPerMinute: Count.describe(
    'Requests a minute below which nothing is called green: no traffic is not health',
  ),
  greenDatapoints: z.number().int().positive().default(2),
})

const Slack = z.strictObject({
  channel: z.string().regex(/^[CG][A-Z0-9]{2,}$/, 'not a Slack channel id, such as C0123ABC'),
  requesters: z.array(SlackUser).describe('Who may ask for a run; an empty list is nobody'),
  approvers: z.array(SlackUser).describe('Who may approve one; an empty list is nobody'),
  twoPeople: z.boolean().describe('Whoever asked may not approve'),
  breakGlass: z
    .array(SlackUser)
    .default([])
    .describe('Who may approve an emergency alone, when no second person answers'),
})

const Identity = z.strictObject({
  user: SlackUser,
  arn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:(iam::\d{12}:user|sts::\d{12}:assumed-role)\/[\w+=,.@/-]+$/,
      'not what `aws sts get-caller-identity` calls a person: an IAM user, or an assumed role with its session name',
    )
    .describe('Exactly what `aws sts get-caller-identity` says of that person'),
})

/** One protected application, as its YAML file says it: unknown keys are faults. The fields are taught in docs/plan.md. */
export const PlanSchema = z
  .strictObject({
    version: z.literal(1),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower case letters, digits and hyphens, a letter first, at most 32'),
    title: z.string().max(80).optional(),
    regions: sides(Region),
    accounts: z.strictObject({ workload: Workload, dns: Account }),
    database: Database,
    services: z.array(Service).min(1, 'at least one service is needed'),
    listener: z.strictObject({ home: Listener.optional(), dr: Listener.optional() }).optional(),
    dns: z.strictObject({
      hostedZoneId: Text,
      records: z.array(DnsRecord).min(1, 'at least one record is needed'),
    }),
    probes: z.strictObject({
      stack: sides(Url).describe("Each side's own address, which proves its stack without DNS"),
      public: Url.describe('The address customers use'),
    }),
    alarms: sides(z.array(Text))
      .default({ home: [], dr: [] })
      .describe('CloudWatch alarms that must be quiet for a side to be called green'),
    objectives: Objectives,
    heartbeat: sides(Url)
      .optional()
      .describe(
        'Answers `{"writtenAt": "<ISO time>"}` of the newest heartbeat row that side\'s database has',
      ),
    terraform: Terraform.optional(),
    drill: Drill,
    slack: Slack,
    identities: z
      .array(Identity)
      .default([])
      .describe(
        'Who the people of `slack` are to AWS: so they can approve and decide in a terminal, without Slack',
      ),
  })
  .check((ctx) => {
    // What the rest is compared with must be right, else one slip would be reported many times over.
    if (ctx.issues.some((issue) => issue.path?.[0] === 'regions' || issue.path?.[0] === 'accounts')) return
    for (const { path, message } of consistency(ctx.value))
      ctx.issues.push({ code: 'custom', message, path: [...path], input: ctx.value })
  })

export type Plan = z.infer<typeof PlanSchema>
/** One Terraform stack of a plan. */
export type Stack = NonNullable<Plan['terraform']>['stacks'][number]
