import { runbook } from '../../src/engine/runbook.ts'
import { flows } from '../../src/flows/index.ts'

/** docs/runbook.md: every flow in every variant, as the engine would go down it. */
export function runbookPage(): string {
  const books = Object.values(flows).flatMap((variants) =>
    Object.values(variants).map((flow) => runbook(flow).trim()),
  )
  return `${[
    '# Runbooks',
    'Generated from `src/flows` by `npm run generate`; do not edit. *From* is the side that serves when the run starts, ' +
      '*to* the side that takes over; either may be home.',
    ...books,
  ].join('\n\n')}\n`
}
