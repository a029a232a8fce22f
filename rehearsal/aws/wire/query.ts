import { fromText } from './scalar.ts'
import { membersOf, type Schema, type Struct, xmlName } from './schema.ts'

/** `A.B.1=x` as a tree: A -> B -> 1 -> text x. */
type Node = { text?: string; readonly children: Map<string, Node> }

/** An operation's input from the form parameters of the query protocol; empty structures cannot be told from absent ones. */
export function readQuery(schema: Schema, form: URLSearchParams): Struct {
  const root: Node = { children: new Map() }
  for (const [key, text] of form) key.split('.').reduce(descend, root).text = text
  return membersOf(schema).length ? readStruct(schema, root) : {}
}

function descend(node: Node, part: string): Node {
  const child = node.children.get(part) ?? { children: new Map() }
  node.children.set(part, child)
  return child
}

function readNode(schema: Schema, node: Node): unknown {
  if (schema.isListSchema()) return readList(schema, node)
  if (schema.isMapSchema()) return readMap(schema, node)
  if (schema.isStructSchema()) return readStruct(schema, node)
  return node.text === undefined ? undefined : fromText(schema, node.text)
}

function readStruct(schema: Schema, node: Node): Struct {
  const struct: Record<string, unknown> = {}
  for (const [name, member] of membersOf(schema)) {
    const child = node.children.get(xmlName(member, name))
    const value = child && readNode(member, child)
    if (value !== undefined) struct[name] = value
  }
  return struct
}

/** Clients write `member` also where the model names the items; AWS takes both. */
function readList(schema: Schema, node: Node): unknown[] {
  const item = schema.getValueSchema()
  const flattened = schema.getMergedTraits().xmlFlattened === 1
  const wrapper = node.children.get(xmlName(item, 'member')) ?? node.children.get('member')
  return numbered(flattened ? node : (wrapper ?? node)).map((each) => readNode(item, each))
}

function readMap(schema: Schema, node: Node): Struct {
  const flattened = schema.getMergedTraits().xmlFlattened === 1
  const [key, value] = [schema.getKeySchema(), schema.getValueSchema()]
  const entries = numbered(flattened ? node : node.children.get('entry')).map((entry) => {
    const at = entry.children.get(xmlName(value, 'value'))
    return [entry.children.get(xmlName(key, 'key'))?.text ?? '', at && readNode(value, at)]
  })
  return Object.fromEntries(entries)
}

function numbered(node: Node | undefined): Node[] {
  return [...(node?.children ?? [])]
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child)
}
