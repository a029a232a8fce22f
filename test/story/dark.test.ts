import { afterEach, describe, expect, test } from 'vitest'
import { outageKinds } from '../../rehearsal/aws/outages.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

const LIMIT_MS = 2_500
/** Over sockets, with the clocks of people and machines as they are. */
const REAL = { sockets: { world: 1, people: 1 } }

/** Types a command; answers what was said, and how many ms of the wall it took. */
async function asked(line: string, answer: RegExp): Promise<{ said: string; ms: number }> {
  const begun = performance.now()
  await stage.maya.types(line)
  const said = await stage.maya.hears(answer)
  return { said, ms: performance.now() - begun }
}

/** The lines under the first heading that matches, up to the next one. */
function under(said: string, heading: RegExp): readonly string[] {
  const lines = said.split('\n')
  const start = lines.findIndex((line) => heading.test(line))
  const end = lines.findIndex((line, index) => index > start && line.startsWith('*'))
  return lines.slice(start + 1, end)
}

describe('a status is asked for while home', () => {
  test.each(outageKinds)('shows as %s: it says unknown, within 2.5 s', async (kind) => {
    stage = await Stage.open(REAL)
    await stage.simulation.outage('us-east-1', kind)

    const [one, all] = await Promise.all([
      asked('/dr status orders', /Orders API:/),
      asked('/dr status', /2 plans/),
    ])
    expect(Math.max(one.ms, all.ms)).toBeLessThan(LIMIT_MS)

    expect(one.said).toMatch(/Whether us-east-1 \(home\) is well is unknown/)
    expect(under(one.said, /^\*Serves/)[0]).toMatch(/unknown: home \(us-east-1\) holds the writer/)
    const home = under(one.said, /^\*us-east-1 · home/)
    // A slow region still lets some customers through: that probe is all that is known of it.
    const seen = home.filter((line) => !line.includes('unknown'))
    expect(seen.filter((line) => kind !== 'slow' || !line.includes('Stack probe'))).toEqual([])
    const unknown = home.filter((line) => line.includes('unknown')).join()
    for (const part of [
      'Cluster',
      'Services',
      'API Gateway',
      'Alarms',
      ...(kind === 'slow' ? [] : ['Stack probe']),
    ])
      expect(unknown).toContain(part)
    expect(under(one.said, /^\*us-west-2 · dr/).join()).not.toContain('unknown')
    expect(one.said).toContain('home (us-east-1) could not be seen: it is unknown, not fine.')

    for (const plan of ['billing', 'orders'])
      expect(all.said).toMatch(
        new RegExp(
          `:(?:white|red)_circle: \\*${plan}\\* · home .us-east-1. could not be seen · .* is unknown.`,
        ),
      )
    expect(stage.changes()).toEqual([])
  })

  test('is well: everything is known, and the lag says how old it is', async () => {
    stage = await Stage.open(REAL)
    const { said, ms } = await asked('/dr status orders', /Orders API:/)
    expect(ms).toBeLessThan(LIMIT_MS)
    expect(said).not.toMatch(/unknown/)
    expect(said).toMatch(/Replication lag\*\n\d\.\d s, read 1m \d\ds ago/)
  })
})
