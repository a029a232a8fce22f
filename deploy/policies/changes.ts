import { RESCUE_PREFIX } from '../../src/flows/world.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { arnsOf, SIDES } from './arns.ts'
import { allow, type Statement } from './statement.ts'

/** Snapshots that runs make are called so; see `src/flows/snapshots.ts`. */
export const OWN_SNAPSHOTS = 'dr-*'

/** What a run may change in a plan's workload account. Nothing of it deletes. */
export function workloadChanges(plan: Plan): readonly Statement[] {
  const arns = arnsOf(plan)
  const clusters = SIDES.map(arns.cluster)
  const own = SIDES.map((side) => arns.snapshots(side, OWN_SNAPSHOTS))
  const rescued = SIDES.map((side) => arns.snapshots(side, `${RESCUE_PREFIX}*`))
  return [
    ...allow(
      [
        'rds:FailoverGlobalCluster',
        'rds:SwitchoverGlobalCluster',
        'rds:RemoveFromGlobalCluster',
        'rds:CreateGlobalCluster',
      ],
      [arns.global(plan.database.globalCluster), ...clusters],
    ),
    ...allow(['rds:CreateDBClusterSnapshot'], [...clusters, ...own]),
    ...allow(['rds:CopyDBClusterSnapshot'], [...own, ...rescued]),
    ...allow(['ecs:UpdateService'], arns.ecsServices),
    ...allow(['ecs:StopTask'], arns.ecsTasks),
    ...allow(['application-autoscaling:RegisterScalableTarget'], arns.scalableTargets, {
      StringEquals: {
        'application-autoscaling:service-namespace': 'ecs',
        'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
      },
    }),
    ...allow(
      ['elasticloadbalancing:ModifyListener'],
      SIDES.flatMap((side) => plan.listener?.[side]?.arn ?? []),
    ),
    ...allow(['codebuild:StartBuild'], arns.builds),
    ...keys(plan),
  ]
}

/** Copies of encrypted snapshots go to the other region under the plan's keys, by way of RDS only. */
function keys({ database, regions }: Plan): readonly Statement[] {
  const keys = SIDES.flatMap((side) => database.rescueKeys?.[side] ?? [])
  const services = SIDES.map((side) => `rds.${regions[side]}.amazonaws.com`)
  return [
    ...allow(['kms:DescribeKey'], keys),
    ...allow(['kms:CreateGrant'], keys, { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
    ...allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'], keys, {
      StringEquals: { 'kms:ViaService': services },
    }),
  ]
}

/** What a run may change in a plan's dns account: its own records, by deleting and creating them in one batch. */
export function dnsChanges(plan: Plan): readonly Statement[] {
  const { records } = plan.dns
  return allow(['route53:ChangeResourceRecordSets'], [arnsOf(plan).zone], {
    'ForAllValues:StringEquals': {
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': unique(records.map(normalized)),
      'route53:ChangeResourceRecordSetsRecordTypes': unique(records.map(({ type }) => type)),
      'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
    },
  })
}

const unique = (texts: readonly string[]) => [...new Set(texts)]

/** As the condition key has it: lower case, no last dot, and in octal what is neither letter, digit, `-`, `_` nor dot. */
const normalized = ({ name }: { readonly name: string }): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9_.-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
