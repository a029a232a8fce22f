import { LOOKING } from '../../src/aws/session.ts'
import type { Copy, FunctionName } from '../stages.ts'
import { functionName, tableName, type Value } from './own.ts'

/** CloudWatch namespace of the bot's own metrics; their dimension `service` is the stack's name. */
export const NAMESPACE = 'Understudy'
export const serviceName = (stage: string): string => `understudy-${stage}`

/** The environment of a function. Addresses and ids only: whoever may see a function's settings can read it. */
export function environment(copy: Copy, name: FunctionName): Readonly<Record<string, Value>> {
  const { stage, region, secrets, slackAppId, slackTeamId, slackEnterpriseId } = copy
  const [store = '', place = ''] = secrets.split(/:(.*)/s)
  return {
    UNDERSTUDY_PLANS: 'plans.json',
    UNDERSTUDY_JOURNAL: `dynamodb:${region}/${tableName(stage)}`,
    // By its name: a reference to the alias would go round in a circle, as the alias comes after its function.
    UNDERSTUDY_ENGINE: {
      'Fn::Sub': `lambda:arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName(stage, 'run')}:durable`,
    },
    UNDERSTUDY_WORKER: functionName(stage, 'worker'),
    UNDERSTUDY_SECRETS: `${store}:${region}/${place.replace(/^\//, '')}`,
    SLACK_APP_ID: slackAppId,
    SLACK_TEAM_ID: slackTeamId,
    ...(slackEnterpriseId ? { SLACK_ENTERPRISE_ID: slackEnterpriseId } : {}),
    // Roles are assumed under a name that may only look.
    ...(name === 'run' ? {} : { UNDERSTUDY_SESSION: LOOKING }),
    UNDERSTUDY_SERVICE: serviceName(stage),
  }
}
