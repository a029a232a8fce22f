import type { FaultKind } from '../../rehearsal/aws/faults.ts'
import type { Cell } from './cells.ts'
import { matrix } from './matrix.ts'

const KINDS: readonly FaultKind[] = ['lost-answer', 'mute', 'denied', 'stale']
const [HOME, DR] = ['us-east-1', 'us-west-2'] as const

/** Each step with what it stands on: AWS's service there, and whether home is dark. */
const STEPS = [
  ['check-identity-and-target', 'rds', DR, true],
  ['ask-for-capacity', 'ecs', DR, true],
  ['fence-old-side', 'ecs', HOME, false],
  ['promote-standby', 'rds', DR, true],
  ['await-capacity', 'ecs', DR, true],
  ['refresh-pools', 'ecs', DR, true],
  ['serve-listener', 'elasticloadbalancingv2', DR, true],
  ['take-dns', 'route53', HOME, true],
  ['await-dns', 'route53', HOME, true],
  ['prove-fence', 'ecs', HOME, false],
  ['verify-green', 'cloudwatch', DR, true],
] as const

const ofCalls: readonly Cell[] = STEPS.flatMap(([at, service, region, dark]) => {
  const app = at === 'serve-listener' ? ('billing' as const) : ('orders' as const)
  const night = { app, mode: 'emergency', dark, at } as const
  return [
    ...KINDS.map((kind) => ({ ...night, bad: { fault: { kind, service, region } }, name: kind })),
    {
      ...night,
      bad: { fault: { kind: 'internal' as const, service, region, p: 0.5 } },
      name: 'internal, every second',
    },
  ]
})

const night = { app: 'orders', mode: 'emergency' } as const
const ofTheWorld: readonly Cell[] = [
  { ...night, dark: true, at: 'promote-standby', bad: { fault: { kind: 'stuck' } }, name: 'stuck' },
  {
    ...night,
    dark: true,
    at: 'ask-for-capacity',
    bad: { fault: { kind: 'capacity', share: 0.5 } },
    name: 'half',
  },
  ...(['ask-for-capacity', 'promote-standby', 'take-dns'] as const).map(
    (at): Cell => ({ ...night, dark: true, at, bad: { fault: { kind: 'throttle' } }, name: 'throttle' }),
  ),
  ...(['unavailable', 'slow'] as const).map(
    (kind): Cell => ({ ...night, dark: true, at: 'promote-standby', bad: { fault: { kind } }, name: kind }),
  ),
  ...(['ask-for-capacity', 'promote-standby', 'refresh-pools', 'take-dns'] as const).flatMap(
    (at): readonly Cell[] => [
      { ...night, at, dark: false, bad: { place: 'home', outage: 'mute' }, name: 'home mute' },
      { ...night, at, dark: false, bad: { place: 'home', outage: 'slow' }, name: 'home grey' },
      { ...night, at, dark: true, bad: { place: 'dr', outage: 'mute' }, name: 'dr mute as well' },
      { ...night, at, dark: true, bad: { place: 'dr', outage: '5xx' }, name: 'dr 5xx as well' },
      { ...night, at, dark: true, bad: { place: 'aws-global', outage: 'mute' }, name: 'Route 53 mute' },
    ],
  ),
]

matrix('an emergency', [...ofCalls, ...ofTheWorld])
