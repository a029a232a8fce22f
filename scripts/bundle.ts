// npm run bundle: the Lambda functions, packed, and the compiled plans, into dist/. A plan with a fault stops it.
import { join } from 'node:path'
import { handlers, packFunctions } from './bundle/functions.ts'
import { compiledPlans } from './bundle/plans.ts'
import { judgeSizes } from './bundle/sizes.ts'

const ROOT = join(import.meta.dirname, '..')

const { text } = compiledPlans(ROOT)
judgeSizes(await packFunctions(handlers(), text, join(ROOT, 'dist')))
