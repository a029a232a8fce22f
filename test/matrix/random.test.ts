import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { type Followed, follow, schedules } from './schedules.ts'

/** `MATRIX_NIGHTS` and `MATRIX_SEED` make a longer search, or another one. */
const NIGHTS = Number(process.env.MATRIX_NIGHTS ?? 14)
const SEED = Number(process.env.MATRIX_SEED ?? 20261121)
/** Side by side: most of a night is waiting. */
const AT_ONCE = 14

const played: Followed[] = []
afterAll(() => {
  const outcomes = Map.groupBy(played, ({ outcome }) => outcome)
  const asked = played.reduce((sum, { asked: times }) => sum + times, 0)
  const counts = [...outcomes].map(([outcome, all]) => `${all.length} ${outcome}`)
  console.log(`nights at random: ${counts.join(', ')}; ${asked} questions`)
})

it('whatever breaks, heals, dies or is pressed, no night is made worse', { timeout: 600_000 }, async () => {
  const nights = fc.array(schedules, { minLength: AT_ONCE, maxLength: AT_ONCE })
  await fc.assert(
    fc.asyncProperty(nights, async (some) => {
      const went = await Promise.all(some.map(follow))
      played.push(...went)
      expect(went.flatMap(({ wrong }, index) => wrong.map((what) => [what, some[index]]))).toEqual([])
    }),
    { numRuns: Math.ceil(NIGHTS / AT_ONCE), seed: SEED, endOnFailure: true },
  )
})
