import { afterAll, describe, expect, it } from 'vitest'
import type { FaultKind } from '../../rehearsal/aws/faults.ts'
import { type Cell, lineOf, play, type Row } from './cells.ts'

const KINDS: readonly FaultKind[] = ['lost-answer', 'mute', 'internal', 'throttle', 'denied', 'stale']
const [HOME, DR] = ['us-east-1', 'us-west-2'] as const

/** Each step with what it stands on: AWS's service there, and whether home has to answer for it. */
const STEPS = [
  ['check-identity-and-target', 'rds', DR, 'dark'],
  ['ask-for-capacity', 'ecs', DR, 'dark'],
  ['fence-old-side', 'ecs', HOME, 'bright'],
  ['promote-standby', 'rds', DR, 'dark'],
  ['await-capacity', 'ecs', DR, 'dark'],
  ['refresh-pools', 'ecs', DR, 'dark'],
  ['serve-listener', 'elasticloadbalancingv2', DR, 'dark'],
  ['take-dns', 'route53', HOME, 'dark'],
  ['await-dns', 'route53', HOME, 'dark'],
  ['prove-fence', 'ecs', HOME, 'bright'],
  ['verify-green', 'cloudwatch', DR, 'dark'],
] as const

const rows: Row[] = []
afterAll(() => console.log(rows.map(lineOf).join('\n')))

const together = async (cells: readonly Cell[]) => {
  const played = await Promise.all(cells.map(play))
  rows.push(...played)
  expect(played.flatMap(({ wrong, cell }) => wrong.map((what) => `${cell.name}: ${what}`))).toEqual([])
}

describe('an emergency, and AWS misbehaves', () => {
  it.each(STEPS)('at %s (%s in %s)', async (at, service, region, light) => {
    const app = at === 'serve-listener' ? ('billing' as const) : ('orders' as const)
    const night = { app, mode: 'emergency', dark: light === 'dark', at } as const
    await together([
      ...KINDS.map((kind) => ({ ...night, bad: { fault: { kind, service, region } }, name: kind })),
      { ...night, bad: { fault: { kind: 'internal', service, region, p: 0.5 } }, name: 'internal, every second' },
    ])
  })

  it('with what befalls the world itself', async () => {
    const night = { app: 'orders', mode: 'emergency', dark: true } as const
    await together([
      { ...night, at: 'promote-standby', bad: { fault: { kind: 'stuck' } }, name: 'stuck' },
      { ...night, at: 'ask-for-capacity', bad: { fault: { kind: 'capacity', share: 0.5 } }, name: 'half the capacity' },
      { ...night, at: 'promote-standby', bad: { fault: { kind: 'unavailable', region: DR } }, name: 'unavailable' },
      { ...night, at: 'promote-standby', bad: { fault: { kind: 'slow', ms: 3_000 } }, name: 'slow' },
    ])
  })

  it.each(['ask-for-capacity', 'promote-standby', 'refresh-pools', 'take-dns'])('a region goes at %s', async (at) => {
    const night = { app: 'orders', mode: 'emergency', at } as const
    await together([
      { ...night, dark: false, bad: { place: 'home', outage: 'mute' }, name: 'home mute' },
      { ...night, dark: false, bad: { place: 'home', outage: 'slow' }, name: 'home grey' },
      { ...night, dark: true, bad: { place: 'dr', outage: 'mute' }, name: 'dr mute too' },
      { ...night, dark: true, bad: { place: 'dr', outage: '5xx' }, name: 'dr 5xx too' },
      { ...night, dark: true, bad: { place: 'aws-global', outage: 'mute' }, name: 'Route 53 mute' },
    ])
  })
})
