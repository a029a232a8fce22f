import type { FaultKind } from '../../rehearsal/aws/faults.ts'
import type { Cell } from './cells.ts'
import { matrix } from './matrix.ts'

const KINDS: readonly FaultKind[] = ['lost-answer', 'mute', 'denied', 'internal']
const [HOME, DR] = ['us-east-1', 'us-west-2'] as const

const PLANNED = [
  ['check-both-sides', 'rds', DR],
  ['ask-for-capacity', 'applicationautoscaling', DR],
  ['quiesce-writers', 'ecs', HOME],
  ['switch-over', 'rds', HOME],
  ['refresh-pools', 'ecs', DR],
  ['take-dns', 'route53', HOME],
  ['release-writers', 'ecs', HOME],
] as const
const DETACH = [
  ['check-old-side-silent', 'ecs', HOME],
  ['detach-standby', 'rds', DR],
] as const

const planned = { app: 'orders', mode: 'planned', dark: false } as const
const cells: readonly Cell[] = [
  ...PLANNED.flatMap(([at, service, region]) =>
    KINDS.map((kind): Cell => ({ ...planned, at, bad: { fault: { kind, service, region } }, name: kind })),
  ),
  ...(['ask-for-capacity', 'quiesce-writers', 'switch-over', 'refresh-pools'] as const).flatMap(
    (at): readonly Cell[] => [
      { ...planned, at, bad: { place: 'home', outage: 'mute' }, name: 'home mute' },
      { ...planned, at, bad: { place: 'dr', outage: 'mute' }, name: 'dr mute' },
    ],
  ),
  { ...planned, at: 'switch-over', bad: { fault: { kind: 'stuck' } }, name: 'stuck' },
  ...DETACH.flatMap(([at, service, region]) =>
    KINDS.map(
      (kind): Cell => ({
        app: 'orders',
        mode: 'detach',
        dark: true,
        at,
        bad: { fault: { kind, service, region } },
        name: kind,
      }),
    ),
  ),
]

matrix('a planned failover, and a detach', cells)
