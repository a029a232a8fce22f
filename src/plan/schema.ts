import { z } from 'zod'

/** One protected application, as its YAML file says it. Unknown keys are faults. See docs/plan.md. */
const Region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'not a region name, such as us-east-1')
const AccountId = z.string().regex(/^\d{12}$/, 'not an account id: twelve digits, quoted')
const Arn = z.string().startsWith('arn:', 'not an ARN')
const SlackUser = z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'not a Slack user id, such as U0123ABC')
const Url = z.url({ protocol: /^https?$/, error: 'not an http(s) URL' })
const Minutes = z.number().positive()
const Count = z.number().int().nonnegative()

/** The same thing on either side. */
const sides = <T extends z.ZodType>(of: T) => z.strictObject({ home: of, dr: of })

const Account = z.strictObject({
  id: AccountId,
  /** Assumed through the regional STS where given; else the bot's own credentials are used. */
  role: Arn.optional(),
  externalId: z.string().min(2).optional(),
})

const Service = z.strictObject({
  name: z.string().min(1),
  /** ECS cluster and service names. */
  ecs: sides(z.strictObject({ cluster: z.string().min(1), service: z.string().min(1) })),
  capacity: sides(z.strictObject({ active: Count, standby: Count, max: Count })),
  /** Whether its tasks hold connections to the writer: such services are fenced, and their pools refreshed. */
  writes: z.boolean(),
  /** Target group whose healthy targets prove it serves; one a side. */
  targetGroup: sides(Arn).optional(),
})

const Listener = z.strictObject({
  /** The ALB listener whose default forward action is switched. */
  arn: Arn,
  /** The target group that must receive the default traffic when this side is active. */
  serves: Arn,
})

const Target = z.strictObject({ dnsName: z.string().min(1), hostedZoneId: z.string().min(1) })

const DnsRecord = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['A', 'AAAA']),
  targets: sides(Target),
  evaluateTargetHealth: z.boolean().default(false),
  /** API Gateway custom domain that must exist on the side that takes the record. */
  apiGatewayDomain: z.string().min(1).optional(),
})

export const PlanSchema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower case letters, digits and hyphens, at most 32'),
    title: z.string().max(80).optional(),
    regions: sides(Region),
    accounts: z.strictObject({ workload: Account, dns: Account }),
    database: z.strictObject({
      globalCluster: z.string().min(1),
      /** DB cluster identifiers (not ARNs). */
      clusters: sides(z.string().min(1)),
      usesGlobalWriterEndpoint: z.boolean(),
      /** Above this, the lag is a warning on the card. */
      lagLimitSeconds: z.number().positive(),
    }),
    services: z.array(Service).min(1),
    listener: z.strictObject({ home: Listener.optional(), dr: Listener.optional() }).optional(),
    dns: z.strictObject({ hostedZoneId: z.string().min(1), records: z.array(DnsRecord).min(1) }),
    probes: z.strictObject({
      /** Each side's own address, which proves its stack without DNS. */
      stack: sides(Url),
      public: Url,
    }),
    /** CloudWatch alarm names that must be quiet for a side to be called green. */
    alarms: sides(z.array(z.string().min(1))).default({ home: [], dr: [] }),
    objectives: z.strictObject({
      rtoMinutes: Minutes,
      rpoSeconds: z.number().nonnegative(),
      /** Requests a minute below which nothing is called green: no traffic is not health. */
      trafficFloorPerMinute: Count,
      greenDatapoints: z.number().int().positive().default(2),
    }),
    slack: z.strictObject({
      channel: z.string().regex(/^[CG][A-Z0-9]{2,}$/, 'not a Slack channel id, such as C0123ABC'),
      requesters: z.array(SlackUser),
      approvers: z.array(SlackUser),
      twoPeople: z.boolean(),
      breakGlass: z.array(SlackUser).default([]),
    }),
  })
  .check((ctx) => {
    if (ctx.value.regions.home === ctx.value.regions.dr)
      ctx.issues.push({
        code: 'custom',
        message: 'home and dr must be different regions',
        path: ['regions', 'dr'],
        input: ctx.value.regions.dr,
      })
  })

export type Plan = z.infer<typeof PlanSchema>
