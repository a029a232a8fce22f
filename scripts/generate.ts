// npm run generate: writes what is made from code. With --check it writes nothing and fails where a file is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { doctorPage } from './generate/doctor-page.ts'
import { errorsPage } from './generate/errors-page.ts'
import { failbackPage } from './generate/failback-page.ts'
import { manifestFile } from './generate/manifest.ts'
import { planSchema } from './generate/plan-schema.ts'
import { runbookPage } from './generate/runbook-page.ts'

const ROOT = join(import.meta.dirname, '..')

const pages: Readonly<Record<string, () => string>> = {
  'plans/plan.schema.json': planSchema,
  'docs/doctor.md': doctorPage,
  'docs/errors.md': errorsPage,
  'docs/failback.md': failbackPage,
  'docs/runbook.md': runbookPage,
  'slack-manifest.json': manifestFile,
}

const check = process.argv.includes('--check')
for (const [file, make] of Object.entries(pages)) {
  const path = join(ROOT, file)
  const wanted = make()
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) continue
  if (check) {
    console.error(`${file} is out of date: run \`npm run generate\` and commit it.`)
    process.exitCode = 1
  } else {
    writeFileSync(path, wanted)
    console.log(`wrote ${file}`)
  }
}
