// npm run package: everything that is deployed, for every copy in deploy/stages.yml, below dist/. Needs no network.
import { join } from 'node:path'
import { templateFaults } from '../deploy/check/template.ts'
import { copiesOf, readStages } from '../deploy/stages.ts'
import { handlers, packFunctions } from './bundle/functions.ts'
import { compiledPlans } from './bundle/plans.ts'
import { judgeSizes } from './bundle/sizes.ts'
import { writeGenerated, writePolicies } from './package/generate.ts'
import { packageCopy, packageOf } from './package/osls.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

const { plans, text } = compiledPlans(ROOT)
const stages = readStages(join(ROOT, 'deploy/stages.yml'))
judgeSizes(await packFunctions(handlers(), text, DIST))
writeGenerated(stages, plans, DIST)

console.log('\nto attach to the roles of your plans:')
for (const { file, characters } of writePolicies(stages, plans, DIST))
  console.log(`  ${file.slice(ROOT.length + 1)} (${characters} characters)`)

for (const copy of copiesOf(stages)) {
  const template = await packageCopy(copy)
  const faults = templateFaults(template)
  for (const fault of faults) console.error(`${copy.stage} in ${copy.region}: ${fault}`)
  if (faults.length) process.exit(1)
  const { stage, region } = copy
  console.log(
    `\n${stage} in ${region}: ${Object.keys(template.Resources).length} resources, no fault. Deploy it with`,
  )
  console.log(`  npm run deploy -- --stage ${stage} --region ${region} --package ${packageOf(copy)}`)
}
