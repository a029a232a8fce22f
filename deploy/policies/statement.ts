/** One statement of an IAM policy, as AWS spells it. */
export type Statement = {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Condition
}
/** Operator to key to values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

/** Lets actions be done to resources; nothing where there are no resources. */
export function allow(
  actions: readonly string[],
  resources: readonly string[],
  condition?: Condition,
): readonly Statement[] {
  if (!resources.length) return []
  const made = { Effect: 'Allow', Action: [...actions].sort(), Resource: unique(resources) } as const
  return [condition ? { ...made, Condition: condition } : made]
}

/** Forbids actions, whatever else allows them. */
export function deny(actions: readonly string[], resources: readonly string[]): readonly Statement[] {
  return allow(actions, resources).map((made) => ({ ...made, Effect: 'Deny' }))
}

/** The same statements, each only under a further condition. */
export function onlyIf(condition: Condition, statements: readonly Statement[]): readonly Statement[] {
  return statements.map((one) => ({ ...one, Condition: { ...one.Condition, ...condition } }))
}

/** The same permissions in fewer words: statements that differ in one of actions, resources or nothing are joined. */
export function condensed(statements: readonly Statement[]): readonly Statement[] {
  const joined = joinedBy(
    statements,
    ({ Action }) => Action,
    (one, all) => ({ ...one, Resource: unique(all.flatMap(({ Resource }) => Resource)) }),
  )
  return joinedBy(
    joined,
    ({ Resource }) => Resource,
    (one, all) => ({ ...one, Action: unique(all.flatMap(({ Action }) => Action)) }),
  )
}

function joinedBy(
  statements: readonly Statement[],
  same: (one: Statement) => readonly string[],
  join: (one: Statement, all: readonly Statement[]) => Statement,
): readonly Statement[] {
  const alike = Map.groupBy(statements, (one) => JSON.stringify([one.Effect, one.Condition, same(one)]))
  return [...alike.values()].map((all) => join(all[0] as Statement, all))
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort()
