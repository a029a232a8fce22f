import { streamFilters, tableShape } from '../../src/durable/dynamo-table.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { type Copy, FUNCTIONS } from '../stages.ts'
import { dashboard } from './dashboard.ts'
import { environment } from './environment.ts'
import { TABLE } from './own.ts'
import { roles } from './roles.ts'

/** What `serverless.yml` takes from code: everything that follows from the plans, the copy or the journal's shape. */
export function generated(copy: Copy, plans: readonly Plan[]) {
  return {
    copy,
    environment: Object.fromEntries(FUNCTIONS.map((name) => [name, environment(copy, name)])),
    streamFilters,
    resources: {
      Conditions: { HasAlarmEmail: { 'Fn::Equals': [copy.alarmEmail ? 'yes' : 'no', 'yes'] } },
      Resources: {
        ...roles(copy, plans),
        [TABLE]: { Type: 'AWS::DynamoDB::Table', Properties: tableShape },
        Dashboard: {
          Type: 'AWS::CloudWatch::Dashboard',
          Properties: {
            DashboardName: `understudy-${copy.stage}-${copy.region}`,
            DashboardBody: JSON.stringify(dashboard(copy)),
          },
        },
      },
    },
  }
}
