/** Bytes a function may have: its start, and with what it may load later. Well above what it is, well below a mistake. */
export const BUDGETS: Readonly<Record<string, { readonly entry: number; readonly all: number }>> = {
  front: { entry: 260_000, all: 900_000 },
  worker: { entry: 580_000, all: 1_750_000 },
  run: { entry: 850_000, all: 1_700_000 },
  watch: { entry: 580_000, all: 1_750_000 },
}

/** What exceeds its budget, as lines; a function without one is such a line too. */
export function overBudget(name: string, size: { readonly entry: number; readonly all: number }): string[] {
  const budget = BUDGETS[name]
  if (!budget) return [`${name} has no size budget: scripts/bundle/budget.ts`]
  return (['entry', 'all'] as const)
    .filter((part) => size[part] > budget[part])
    .map((part) => `${name}: ${part} is ${size[part]} bytes, more than the ${budget[part]} it may have`)
}
