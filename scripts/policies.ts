// npm run policies [PLAN]: what the roles that the plans name may do, and who may become them.
import { join } from 'node:path'
import { roleDocuments } from '../deploy/policies/documents.ts'
import { readStages } from '../deploy/stages.ts'
import { compiledPlans } from './bundle/plans.ts'

const ROOT = join(import.meta.dirname, '..')
const [name] = process.argv.slice(2)

const { plans } = compiledPlans(ROOT)
const wanted = plans.filter((plan) => name === undefined || plan.name === name)
if (!wanted.length) {
  console.error(`there is no plan ${name ?? 'at all'} in plans/`)
  process.exit(1)
}
// Plans may share a role, whose documents are then for all of them.
const named = wanted.flatMap(({ accounts: { workload, dns } }) => [
  workload.role,
  workload.deletionRole,
  dns.role,
])
const documents = roleDocuments(plans, readStages(join(ROOT, 'deploy/stages.yml')))
console.log(
  JSON.stringify(
    documents.filter(({ role }) => named.includes(role)),
    null,
    2,
  ),
)
