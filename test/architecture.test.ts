import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What a folder may import. A folder may always import itself; `types:` allows `import type` only. */
type Allowed = { readonly from: readonly string[]; readonly packages: readonly string[] }

/** The import table of docs/architecture.md. A name ending in `*` is a prefix. */
const TABLE: Readonly<Record<string, Allowed>> = {
  'src/engine': { from: [], packages: [] },
  'src/plan': { from: ['src/engine/errors.ts'], packages: ['zod', 'yaml', 'node:fs', 'node:path'] },
  // node:crypto for the hash of what an approval binds to; its randomness is refused below.
  'src/flows': { from: ['src/engine', 'src/plan'], packages: ['node:crypto'] },
  'src/terraform': { from: ['src/engine', 'src/plan'], packages: [] },
  'src/durable': {
    from: ['src/engine'],
    packages: [
      '@aws/durable-execution-sdk-js',
      '@aws-sdk/client-lambda',
      '@aws-sdk/client-dynamodb',
      'node:*',
    ],
  },
  'src/aws': {
    from: ['src/engine', 'src/plan', 'src/flows/world.ts', 'types:src/flows'],
    packages: ['@aws-sdk/*', '@smithy/*', 'node:*'],
  },
  'src/slack': {
    from: [
      'src/engine',
      'src/plan',
      'src/flows/status.ts',
      'src/flows/outage.ts',
      'src/flows/run-time.ts',
      'types:src/flows',
    ],
    packages: ['@slack/*', 'node:*'],
  },
  'src/app': {
    from: ['src/engine', 'src/plan', 'src/flows', 'src/terraform', 'src/durable', 'src/aws', 'src/slack'],
    packages: ['zod', 'node:*'],
  },
  'src/handlers': {
    from: ['src/app', 'src/durable', 'src/engine', 'src/slack', 'src/plan'],
    packages: ['node:*'],
  },
  // What `understudy doctor` looks at, read only.
  'src/doctor': {
    from: ['src/engine', 'src/plan', 'src/flows', 'src/aws', 'src/slack'],
    packages: ['@aws-sdk/*', '@slack/web-api', 'node:*'],
  },
  // From Terraform's outputs, or AWS itself, to the text of a plan file.
  'src/init': {
    from: ['src/engine', 'src/plan', 'src/aws'],
    packages: ['@aws-sdk/*', 'node:*', 'yaml'],
  },
  'src/cli': {
    from: [
      ...['src/app', 'src/doctor', 'src/engine', 'src/flows', 'src/init', 'src/plan', 'src/terraform'],
      'src/slack/manifest.ts',
    ],
    packages: ['log-update', 'node:*'],
  },
  // From the plans and the bundles to CloudFormation: read by serverless.yml, never bundled.
  deploy: { from: ['src'], packages: ['*'] },
  // It judges the bot, so it shares no code with it: only the shape of a clock.
  'rehearsal/aws': { from: ['rehearsal/clock.ts', 'types:src/engine/ports.ts'], packages: ['*'] },
  rehearsal: { from: ['src', 'rehearsal'], packages: ['*'] },
  scripts: { from: ['src', 'deploy'], packages: ['*'] },
  bench: { from: ['src', 'rehearsal', 'scripts'], packages: ['*'] },
  test: { from: ['src', 'deploy', 'rehearsal', 'scripts', 'bench'], packages: ['*'] },
}

type Import = { readonly specifier: string; readonly typeOnly: boolean }

/** `import`, `export … from`, `import()` and `typeof import()` of one file. */
function importsOf(text: string): Import[] {
  const statements = [...text.matchAll(/^\s*(import|export)\s([^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)].map(
    ([, , what, specifier]) => ({ specifier: String(specifier), typeOnly: /^type\s/.test(what ?? '') }),
  )
  const calls = [...text.matchAll(/\b(typeof\s+)?(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g)].map(
    ([, typeOf, specifier]) => ({ specifier: String(specifier), typeOnly: typeOf !== undefined }),
  )
  return [...statements, ...calls]
}

const folderOf = (file: string) =>
  Object.keys(TABLE)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0]

const within = (path: string, pattern: string) => path === pattern || path.startsWith(`${pattern}/`)
const matches = (name: string, pattern: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern

/** Why an import is not allowed there; undefined when it is. */
function refusal(file: string, { specifier, typeOnly }: Import): string | undefined {
  const folder = folderOf(file)
  if (!folder) return 'its folder is not in the table'
  const { from, packages } = TABLE[folder] as Allowed
  if (!specifier.startsWith('.')) {
    const name = packageName(specifier)
    return packages.some((pattern) => matches(name, pattern)) ? undefined : `${folder} may not use ${name}`
  }
  const target = relative(ROOT, join(ROOT, dirname(file), specifier))
  if (within(target, folder) && folderOf(target) === folder) return undefined
  const allowed = from.some((entry) =>
    entry.startsWith('types:') ? typeOnly && within(target, entry.slice(6)) : within(target, entry),
  )
  return allowed ? undefined : `${folder} may not import ${target}${typeOnly ? ', not even its types' : ''}`
}

const packageName = (specifier: string) =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')

const breaches = (file: string, text: string) =>
  importsOf(text).flatMap((found) => {
    const why = refusal(file, found)
    return why ? [`${file}: “${found.specifier}”: ${why}`] : []
  })

/** Code without its comments and strings, for rules about words. */
const code = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, ' ')

/** Time, chance and the environment are arguments there: a flow that is replayed must see the same. */
const IMPURE =
  /\b(Date\.now|Math\.random|process\.env|performance\.now|randomUUID|randomBytes|randomInt|setTimeout|setInterval|fetch)\b|\bnew Date\(\s*\)/

const files = globSync('{src,deploy,rehearsal,scripts,bench,test}/**/*.{ts,tsx,mjs}', { cwd: ROOT }).map(
  (file) => ({
    file: file.replaceAll('\\', '/'),
    text: readFileSync(join(ROOT, file), 'utf8'),
  }),
)
const inFolder = (...folders: string[]) =>
  files.filter(({ file }) => folders.some((folder) => file.startsWith(`${folder}/`)))

describe('who may import whom', () => {
  test('there are files to look at, and imports in them', () => {
    expect(inFolder('src/engine').length).toBeGreaterThan(4)
    expect(inFolder('src/plan').length).toBeGreaterThan(4)
    expect(files.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(50)
  })

  test.each(Object.keys(TABLE))('%s keeps to the table', (folder) => {
    const own = files.filter(({ file }) => folderOf(file) === folder)
    expect(own.flatMap(({ file, text }) => breaches(file, text))).toEqual([])
  })

  test('every file belongs to a folder of the table', () => {
    const strays = files
      .filter(({ file }) => file.startsWith('src/') && !folderOf(file))
      .map(({ file }) => file)
    expect(strays).toEqual([])
  })
})

describe('rules about words', () => {
  test('only the durable host touches the durable context', () => {
    const others = inFolder('src').filter(
      ({ file, text }) => file !== 'src/durable/host.ts' && /\bDurableContext\b/.test(code(text)),
    )
    expect(others.map(({ file }) => file)).toEqual([])
  })

  test('engine and flows take time, chance and the environment as arguments', () => {
    const impure = inFolder('src/engine', 'src/flows', 'src/terraform').flatMap(({ file, text }) => {
      const found = IMPURE.exec(code(text))
      return found ? [`${file}: ${found[0]}`] : []
    })
    expect(impure).toEqual([])
  })

  test('nobody re-exports a folder, and nothing is called utils, helpers or types', () => {
    const bad = files.filter(({ file }) => /\/(utils?|helpers?|types|common|misc)(\/|\.tsx?$)/.test(file))
    expect(bad.map(({ file }) => file)).toEqual([])
  })
})

describe('the test itself sees what is planted', () => {
  test.each([
    ['src/engine/a.ts', "import { z } from 'zod'"],
    ['src/engine/a.ts', "import type { Plan } from '../plan/schema.ts'"],
    ['src/engine/a.ts', "import { readFileSync } from 'node:fs'"],
    ['src/engine/a.ts', "export { classify } from '../flows/topology.ts'"],
    ['src/flows/steps/a.ts', "import '../../aws/world.ts'"],
    ['src/flows/steps/a.ts', "const rds = await import('@aws-sdk/client-rds')"],
    ['src/flows/a.ts', "type Bolt = typeof import('@slack/bolt')"],
    ['src/aws/a.ts', "import { classify } from '../flows/topology.ts'"],
    ['src/aws/a.ts', "import {\n  one,\n  two,\n} from '../slack/views/board.ts'"],
    ['src/slack/a.ts', "import { clients } from '../aws/clients.ts'"],
    ['src/slack/a.ts', "import { RDSClient } from '@aws-sdk/client-rds'"],
    ['src/app/a.ts', "import { RDSClient } from '@aws-sdk/client-rds'"],
    ['src/handlers/a.ts', "import { withDurableExecution } from '@aws/durable-execution-sdk-js'"],
    ['src/app/a.ts', "import { simulate } from '../../rehearsal/aws/simulator.ts'"],
    ['src/cli/a.ts', "import { bench } from '../../bench/main.ts'"],
    ['rehearsal/aws/a.ts', "import { classify } from '../../src/flows/topology.ts'"],
    ['rehearsal/aws/a.ts', "import { loopback } from '../main.ts'"],
    ['rehearsal/main.ts', "import { rto } from '../bench/rto.ts'"],
  ])('%s: %s', (file, text) => {
    expect(breaches(file, text)).toHaveLength(1)
  })

  test.each([
    ['src/aws/a.ts', "import type { Facts } from '../flows/topology.ts'"],
    ['src/aws/a.ts', "import { otherSide } from '../flows/world.ts'"],
    ['src/slack/views/a.ts', "import type { KnownBlock } from '@slack/types'"],
    ['rehearsal/aws/world/a.ts', "import type { Clock } from '../../../src/engine/ports.ts'"],
    ['bench/a.ts', "import { simulate } from '../rehearsal/aws/simulator.ts'"],
  ])('%s may: %s', (file, text) => {
    expect(importsOf(text)).toHaveLength(1)
    expect(breaches(file, text)).toEqual([])
  })

  test.each([
    'const at = Date.now()',
    'new Date()',
    'new Date( )',
    'Math.random()',
    'process.env.X',
    'await fetch(url)',
  ])('impure: %s', (text) => expect(IMPURE.test(code(text))).toBe(true))

  test.each(['new Date(at)', '// Date.now() is not allowed', "const word = 'Math.random'"])(
    'pure: %s',
    (text) => expect(IMPURE.test(code(text))).toBe(false),
  )
})
