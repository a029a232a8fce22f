import { describe, expect, it } from 'vitest'
import { lookAtRescue } from '../../src/flows/rescue.ts'
import { expiryWarning } from '../../src/flows/rescue-expiry.ts'
import { RESCUE_PREFIX, type SafeWorld, type SnapshotFacts } from '../../src/flows/world.ts'
import { AT, dark, orders, seen, standalone } from './facts.ts'

const HOUR = 3_600_000
const original: SnapshotFacts = {
  id: `${RESCUE_PREFIX}orders-home-1`,
  arn: `arn:aws:rds:us-east-1:111122223333:cluster-snapshot:${RESCUE_PREFIX}orders-home-1`,
  cluster: 'orders-home',
  type: 'automated',
  status: 'available',
  percent: 100,
  createdAt: AT,
  engineVersion: '16.6',
  encrypted: true,
}

/** Home's cluster stands by itself, with snapshots; `days` is how long AWS keeps its own. */
function world(own: readonly SnapshotFacts[], { days = 7 as number | 'dark', hours = 1 } = {}) {
  const notes = new Map<string, string>()
  const cluster =
    days === 'dark' ? dark('us-east-1') : seen({ ...standalone('home'), backupRetentionDays: days })
  const made = {
    plan: orders,
    to: 'home',
    database: { snapshots: async () => seen(own), cluster: async () => cluster },
    notes: {
      get: async (name: string) => notes.get(name),
      async set(name: string, value: string) {
        notes.set(name, value)
      },
    },
    now: () => AT + hours * HOUR,
  } as unknown as SafeWorld
  return { world: made, notes, detail: async () => (await lookAtRescue(made)).detail }
}

describe('what AWS itself took of the lost writes', () => {
  it('is said to last as long as its cluster’s retention', async () => {
    const { detail, notes } = world([original])
    expect(await detail()).toContain(
      'is 1h 00m old, not copied, and lasts until 2026-11-28 03:00 UTC, or as long as its cluster',
    )
    expect(notes.get('rescue-lasts')).toBe(String(AT + 7 * 24 * HOUR))
  })

  it('is said so while it grows, and while it is copied', async () => {
    expect(await world([{ ...original, status: 'creating', percent: 3 }]).detail()).toBe(
      `AWS still takes ${original.id} (3 %); lasts until 2026-11-28 03:00 UTC`,
    )
    const copying = { ...original, id: 'c', sourceArn: original.arn, status: 'copying', percent: 40 }
    expect(await world([original, copying]).detail()).toBe(
      'c is being copied: 40 %; the original lasts until 2026-11-28 03:00 UTC',
    )
  })

  it('is louder on its last day', async () => {
    expect(await world([original], { hours: 6 * 24 + 1 }).detail()).toContain(
      'LASTS ONLY 23h 00m MORE (until 2026-11-28 03:00 UTC)',
    )
  })

  it('is not given a day of its own making where the retention is not known', async () => {
    const { detail, notes } = world([original], { days: 'dark' })
    expect(await detail()).toContain('vanishes with the cluster or its retention')
    expect(notes.size).toBe(1)
  })
})

describe('a status', () => {
  const lasts = { 'rescue-lasts': String(AT + 48 * HOUR) }
  it('warns on the last day, as long as there is no copy', () => {
    expect(expiryWarning(lasts, AT)).toBeUndefined()
    expect(expiryWarning(lasts, AT + 25 * HOUR)).toBe(
      "AWS's snapshot of the lost writes LASTS ONLY 23h 00m MORE (until 2026-11-23 03:00 UTC), and there is no copy of it",
    )
    expect(expiryWarning(lasts, AT + 49 * HOUR)).toContain('was to vanish at 2026-11-23 03:00 UTC')
    expect(expiryWarning({ ...lasts, rescue: 'copied:c' }, AT + 25 * HOUR)).toBeUndefined()
    expect(expiryWarning({}, AT)).toBeUndefined()
  })
})
