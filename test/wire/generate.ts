import { membersOf, requiredMembers, type Schema, type Struct } from '../../rehearsal/aws/wire/schema.ts'

/** What of a value some protocol cannot carry, and hence must not be made. */
export type Limits = {
  /** A query string has no spelling of an empty structure. */
  emptyStructs: boolean
}

/** A small seeded generator of numbers in [0, 1): the same seed makes the same values. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const texts = [
  'a&b',
  'x<y>',
  'plain',
  'ünï "q"',
  'two  spaces',
  '7',
  'true',
  "it's",
  'a.1=b+c%20',
  ' edge ',
  '{"a":1}',
]
const deepest = 6

/** Makes random values of a shape, with whatever the shape requires. */
export class Generator {
  readonly #roll: () => number
  readonly #limits: Limits

  constructor(seed: number, limits: Limits) {
    this.#roll = dice(seed)
    this.#limits = limits
  }

  value(schema: Schema, depth = 0): unknown {
    if (schema.isListSchema()) return this.#list(schema, depth)
    if (schema.isMapSchema())
      return { [`k${this.#below(100)}`]: this.value(schema.getValueSchema(), depth + 1) }
    if (schema.isUnionSchema()) return this.#union(schema, depth)
    if (schema.isStructSchema()) return this.struct(schema, depth)
    return this.#simple(schema)
  }

  struct(schema: Schema, depth = 0): Struct {
    const required = requiredMembers(schema)
    const made: Record<string, unknown> = {}
    for (const [name, member] of membersOf(schema)) {
      const wanted = depth < deepest && this.#roll() < (depth < 2 ? 0.8 : 0.5)
      if (!wanted && !required.includes(name) && !isFilledIn(member)) continue
      const value = this.value(member, depth + 1)
      if (this.#limits.emptyStructs || !isEmpty(value)) made[name] = value
    }
    return this.#limits.emptyStructs || Object.keys(made).length > 0 ? made : this.#smallest(schema, depth)
  }

  /** One member, a simple one if there is one; nothing for a structure that has none. */
  #smallest(schema: Schema, depth: number): Struct {
    const members = membersOf(schema)
    const [name, member] = members.find(([, each]) => each.isStringSchema()) ?? members[0] ?? []
    return name && member ? { [name]: this.value(member, depth + 1) } : {}
  }

  #union(schema: Schema, depth: number): Struct {
    const members = membersOf(schema)
    const [name, member] = members[this.#below(members.length)] as [string, Schema]
    return { [name]: this.value(member, depth + 1) }
  }

  #list(schema: Schema, depth: number): unknown[] {
    const length = depth > deepest ? 0 : 1 + this.#below(2)
    return Array.from({ length }, () => this.value(schema.getValueSchema(), depth + 1)).filter(
      (each) => this.#limits.emptyStructs || !isEmpty(each),
    )
  }

  #simple(schema: Schema): unknown {
    const traits = schema.getMergedTraits()
    if (schema.isBooleanSchema()) return this.#roll() < 0.5
    if (schema.isNumericSchema()) return traits.httpResponseCode ? 200 : this.#below(1_000)
    if (schema.isTimestampSchema()) return new Date(1.6e12 + this.#below(1e8) * 1_000)
    if (schema.isBlobSchema()) return Buffer.from(`bytes ${this.#below(1e6)}`)
    if (traits.httpHeader || traits.httpLabel) return `value${this.#below(9)}`
    return texts[this.#below(texts.length)]
  }

  #below(limit: number): number {
    return Math.floor(this.#roll() * limit)
  }
}

/** A path cannot do without its labels, and clients invent the idempotency tokens that are not given. */
function isFilledIn(member: Schema): boolean {
  const { httpLabel, idempotencyToken } = member.getMergedTraits()
  return Boolean(httpLabel || idempotencyToken)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value?.constructor === Object && Object.values(value).every(isEmpty)
}
