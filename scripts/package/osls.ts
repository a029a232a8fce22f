import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Template } from '../../deploy/check/template.ts'
import type { Copy } from '../../deploy/stages.ts'

const ROOT = join(import.meta.dirname, '../..')
const OSLS = createRequire(import.meta.url).resolve('osls/bin/serverless.js')

type Which = Pick<Copy, 'stage' | 'region'>

/** Where a copy's package is, as `dist` is given. */
export const packageOf = ({ stage, region }: Which, dist = 'dist'): string =>
  `${dist}/package/${stage}/${region}`

/**
 * Runs `osls package` on a copy and answers the CloudFormation template. Nothing is asked of AWS or anybody else: it gets
 * no credentials and no configuration of the person's. `dist`: relative to the repository. Throws with what osls said.
 */
export async function packageCopy(copy: Which, dist = 'dist'): Promise<Template> {
  const folder = packageOf(copy, dist)
  const { stage, region } = copy
  const args = [
    'package',
    '--stage',
    stage,
    '--region',
    region,
    '--package',
    folder,
    '--param',
    `dist=${dist}`,
  ]
  await promisify(execFile)(process.execPath, [OSLS, ...args], {
    cwd: ROOT,
    env: { ...withoutAws(process.env), SLS_INTERACTIVE_SETUP_ENABLE: '', CI: '1' },
  }).catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`osls could not package ${stage} in ${region}:\n${error.stdout}${error.stderr}`)
  })
  return JSON.parse(readFileSync(join(ROOT, folder, 'cloudformation-template-update-stack.json'), 'utf8'))
}

const withoutAws = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_')))
