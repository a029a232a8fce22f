import * as z from 'zod'
import { PlanSchema } from '../../src/plan/schema.ts'

/** The JSON Schema that editors read, from the zod schema: what a file may say, so defaults are not required. */
export function planSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(PlanSchema, {
    io: 'input',
    target: 'draft-07',
    // A format of zod's own, which editors warn about; the pattern beside it says the same.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format
    },
  })
  return `${JSON.stringify({ $schema, title: 'An Understudy plan', ...schema }, null, 2)}\n`
}
