import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Endured, endure } from './enduring.ts'
import { warmUp } from './going-home.ts'
import { ordeals } from './ordeal.ts'

/** `PROPERTY_RUNS` and `PROPERTY_SEED` make a longer search, or another one. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 1000)
const SEED = Number(process.env.PROPERTY_SEED ?? 20261121)

const went: Endured[] = []
beforeAll(warmUp)
afterAll(() => {
  const counts = Map.groupBy(went, ({ became }) => became)
  const told = [...counts].map(([what, all]) => `${all.length} ${what}`).sort()
  console.log(`lost writes at random: ${told.join(', ')}`)
})

it('lost writes are kept, given up by two people, or were never to be had; and the run says which', {
  timeout: 1_200_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(ordeals, async (ordeal) => {
      const endured = await endure(ordeal)
      went.push(endured)
      expect(endured.wrong).toEqual([])
    }),
    { numRuns: RUNS, seed: SEED },
  )
})
