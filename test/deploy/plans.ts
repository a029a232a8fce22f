import { join } from 'node:path'
import { copiesOf, readStages } from '../../deploy/stages.ts'
import { loadPlans } from '../../src/plan/loader.ts'
import { planOf, plansOf } from '../../src/plan/plans.ts'
import type { Plan } from '../../src/plan/schema.ts'

const ROOT = join(import.meta.dirname, '../..')
const all = plansOf(loadPlans(join(ROOT, 'plans')))

/** The example plans, and what they do not show. */
export const orders = planOf(all, 'orders')
export const billing = planOf(all, 'billing')

/** With a role for deletions. */
export const deleting: Plan = {
  ...orders,
  accounts: {
    ...orders.accounts,
    workload: {
      ...orders.accounts.workload,
      deletionRole: 'arn:aws:iam::111122223333:role/understudy-deletion',
    },
  },
}

/** With keys for copies in the other region, a listener, a custom domain and builds: everything a plan may name. */
export const rescuing: Plan = {
  ...deleting,
  database: {
    ...orders.database,
    rescueKeys: {
      home: 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555',
      dr: 'arn:aws:kms:us-west-2:111122223333:key/66666666-7777-8888-9999-000000000000',
    },
  },
  listener: billing.listener,
}

/** A person who logs in through Identity Center. */
export const sso = {
  user: 'U00MAYA',
  arn: 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Operator_0123456789abcdef/maya',
}

/** In the bot's own account, with no roles. */
export const roleless: Plan = {
  ...orders,
  accounts: { workload: { id: '999900001111' }, dns: { id: '999900001111' } },
}

export const stages = readStages(join(ROOT, 'deploy/stages.yml'))
export const [
  copy = (() => {
    throw new Error('no copy')
  })(),
] = copiesOf(stages)
