/** What the scanner says about one thing in a plan. */
export type Finding = {
  /** `blocker`: don't apply · `warning`: weigh it · `expected`: left over from the failover, and harmless to apply. */
  readonly level: 'blocker' | 'warning' | 'expected'
  /** Terraform's address, module and index included; `var.<name>` for a variable, empty for the file as a whole. */
  readonly address: string
  /** What the plan would do, in a few words. */
  readonly what: string
  /** Why that matters, in a sentence or two. */
  readonly why: string
  /** Where others met it: `owner/repo#number` on GitHub. */
  readonly issue?: string
}

/** A finding before it is known at which address. */
export type Judgement = Omit<Finding, 'address'>

export const LEVELS = ['blocker', 'warning', 'expected'] as const satisfies readonly Finding['level'][]

/** The page of an issue that a finding names. */
export const issueUrl = (issue: string): string => `https://github.com/${issue.replace('#', '/issues/')}`

/** The issues in one place, so that each is cited in the same way everywhere. */
export const ISSUES = {
  globalReplaced: 'hashicorp/terraform-provider-aws#34203',
  detached: 'cloudposse/terraform-aws-rds-cluster#281',
  promoted: 'hashicorp/terraform-provider-aws#42919',
  replicationSource: 'hashicorp/terraform-provider-aws#43214',
  username: 'terraform-aws-modules/terraform-aws-rds-aurora#157',
  managedPassword: 'hashicorp/terraform-provider-aws#40188',
  createdEarly: 'hashicorp/terraform-provider-aws#48769',
  upgrade: 'hashicorp/terraform-provider-aws#36107',
  inconsistent: 'terraform-aws-modules/terraform-aws-rds-aurora#425',
  lastInstance: 'hashicorp/terraform-provider-aws#23572',
  nameTaken: 'terraform-aws-modules/terraform-aws-rds-aurora#495',
  zones: 'hashicorp/terraform-provider-aws#29149',
  desiredCount: 'hashicorp/terraform#10308',
  listener: 'terraform-aws-modules/terraform-aws-alb#322',
  record: 'hashicorp/terraform-provider-aws#4493',
  stateRegion: 'hashicorp/terraform#32190',
} as const
