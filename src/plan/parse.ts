import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { placeholdersIn } from './marks.ts'
import { type Plan, PlanSchema } from './schema.ts'

type Position = { readonly line: number; readonly column: number }
type Fault = { readonly at: Position; readonly field: string; readonly message: string }
type Path = readonly PropertyKey[]

/** What one file said: a plan, or everything that is wrong with it. Of a plan, `at` is where a field stands. */
export type Reading = {
  readonly plan?: Plan
  readonly at?: (path: Path) => Position
  readonly faults: readonly Fault[]
}

/** Reads the text of one plan file. Never throws: text that is no YAML is a fault like any other. */
export function parsePlan(text: string): Reading {
  try {
    return readDocument(text)
  } catch (error) {
    // Too many aliases, or nesting deeper than the stack: the parser's own limits.
    const why = error instanceof RangeError ? 'it is nested too deeply' : String((error as Error).message)
    return { faults: [{ at: { line: 1, column: 1 }, field: '', message: `is not a plan: ${why}` }] }
  }
}

function readDocument(text: string): Reading {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    at: position(error.pos[0]),
    field: '',
    message: `is not valid YAML: ${error.message}`,
  }))
  if (syntax.length) return { faults: syntax }
  if (!isMap(document.contents))
    return {
      faults: [
        { at: position(0), field: '', message: document.contents ? 'is not a map of fields' : 'is empty' },
      ],
    }

  const said: unknown = document.toJS({ maxAliasCount: 20 })
  const read = PlanSchema.safeParse(said, { reportInput: true })
  const at = (path: Path) => position(offsetOf(document, path))
  const issues = read.success ? [] : read.error.issues.flatMap(explain)
  const faults = withPlaceholders(issues, placeholdersIn(said)).map(({ path, message }) => ({
    at: at(path),
    field: fieldName(path),
    message,
  }))
  if (read.success && faults.length === 0) return { plan: read.data, at, faults: [] }
  return { faults: faults.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column) }
}

type Explained = { readonly path: Path; readonly message: string }

/** A placeholder is to be filled in, whatever else could be said against it: what is wanted there is what was said. */
function withPlaceholders(issues: readonly Explained[], placeholders: readonly Path[]): Explained[] {
  const same = (a: Path, b: Path) => fieldName(a) === fieldName(b)
  return [
    ...issues.filter(({ path }) => !placeholders.some((placeholder) => same(placeholder, path))),
    ...placeholders.map((path) => {
      const wanted = issues.find((issue) => same(issue.path, path))?.message.replace(/^(not|must be) /, '')
      return { path, message: `is to be filled in${wanted ? `: ${wanted}` : ''}` }
    }),
  ]
}

/** A zod issue in a person's words; each unknown key is a fault of its own. */
function explain(issue: z.core.$ZodIssue): { path: Path; message: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not a field of a plan' }))
  if (issue.code !== 'invalid_type') return [{ path: issue.path, message: issue.message }]
  if (issue.input === undefined) return [{ path: issue.path, message: `is missing (${kind(issue)})` }]
  return [{ path: issue.path, message: `must be ${kind(issue)}${quoting(issue)}` }]
}

const kind = ({ expected }: z.core.$ZodIssueInvalidType) =>
  /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`

function quoting({ expected, input }: z.core.$ZodIssueInvalidType): string {
  if (expected === 'string' && typeof input === 'number') return '; put it in quotes'
  return ''
}

/** `['services', 0, 'name']` as people write it: `services[0].name`. */
export const fieldName = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')

/** Where a path stands in the text: its key, or for what is missing the key of the nearest parent there is. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const part of path) {
    const [at, value] = child(isAlias(node) ? node.resolve(document) : node, part)
    if (at === undefined) return offset
    offset = startOf(at)
    node = value
  }
  return offset
}

/** The node a path's next part is written at, and the one it leads to. */
function child(node: unknown, part: PropertyKey): [at?: unknown, value?: unknown] {
  if (isSeq(node)) return [node.items[Number(part)], node.items[Number(part)]]
  if (!isMap(node)) return []
  const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part)
  return pair ? [pair.key, pair.value] : []
}

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)
