import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { journeys, type Travelled, travel, warmUp } from './going-home.ts'

/** `PROPERTY_RUNS` and `PROPERTY_SEED` make a longer search, or another one. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 1000)
const SEED = Number(process.env.PROPERTY_SEED ?? 20261121)

const went: Travelled[] = []
beforeAll(warmUp)
afterAll(() => {
  const counts = Map.groupBy(went, ({ branch, outcome }) => `${branch} ${outcome}`)
  const deleted = went.filter(({ took }) => took.includes('DeleteDBCluster')).length
  const told = [...counts].map(([what, all]) => `${all.length} ${what}`).sort()
  console.log(`ways home at random: ${told.join(', ')}; ${deleted} deleted a cluster`)
})

it('no approvals, retries, skips and crashes delete a live member or what serves, or leave customers without a writer', {
  timeout: 1_200_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(journeys, async (journey) => {
      const travelled = await travel(journey)
      went.push(travelled)
      expect(travelled.wrong).toEqual([])
    }),
    { numRuns: RUNS, seed: SEED },
  )
})
