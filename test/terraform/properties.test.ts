import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DrError } from '../../src/engine/errors.ts'
import { parsePlanText } from '../../src/terraform/plan-text.ts'
import { scanPlan } from '../../src/terraform/scan.ts'
import { billing, fixture, orders } from './rig.ts'

const names = readdirSync(new URL('fixtures', import.meta.url)).map((file) => file.replace('.json', ''))
const readable = names.filter((name) => !['errored', 'incomplete', 'old-format', 'state'].includes(name))
const side = fc.constantFrom('home', 'dr') as fc.Arbitrary<'home' | 'dr'>
const context = fc.record({
  plan: fc.constantFrom(orders, billing),
  active: side,
  fenced: fc.subarray(['home', 'dr'] as const),
  stale: side,
  engineVersion: fc.constantFrom('16.3', '16.4'),
})

/** Judged, or refused as unusable; anything else thrown is a fault of the scanner. */
function judged(json: unknown, given: Parameters<typeof scanPlan>[1]) {
  try {
    return scanPlan(json, given)
  } catch (error) {
    if (error instanceof DrError && error.code === 'FILE_UNUSABLE') return undefined
    throw error
  }
}

/** A copy in which one value, anywhere, is another one. */
function withOneChanged(json: unknown, path: number, value: unknown): unknown {
  let left = path
  const copied = (node: unknown): unknown => {
    if (left-- === 0) return value
    if (Array.isArray(node)) return node.map(copied)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, copied(inner)]))
  }
  return copied(json)
}

describe('whatever is in a file', () => {
  test('any JSON is judged or refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), context, (json, given) => {
        judged(json, given)
      }),
    )
  })

  test('plans whose changes are any JSON are judged or refused', () => {
    const types = [
      'aws_rds_global_cluster',
      'aws_rds_cluster',
      'aws_rds_cluster_instance',
      'aws_ecs_service',
      'aws_appautoscaling_target',
      'aws_appautoscaling_scheduled_action',
      'aws_route53_record',
      'aws_lb_listener',
      'aws_lb',
      'aws_db_cluster_snapshot',
      'constructor',
    ]
    const change = fc.record({
      address: fc.string(),
      type: fc.constantFrom(...types),
      change: fc.record({
        actions: fc.array(fc.constantFrom('no-op', 'create', 'update', 'delete', 'forget', 'frob')),
        before: fc.jsonValue(),
        after: fc.jsonValue(),
        after_unknown: fc.jsonValue(),
        before_sensitive: fc.jsonValue(),
        replace_paths: fc.jsonValue(),
      }),
    })
    fc.assert(
      fc.property(fc.array(change), fc.jsonValue(), context, (changes, variables, given) => {
        judged({ format_version: '1.2', variables, resource_changes: changes }, given)
      }),
    )
  })

  test('a real plan with any one value replaced by anything is judged or refused', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(1500),
        fc.oneof(fc.jsonValue(), fc.constant({ toString: 1, __proto__: null })),
        context,
        (name, at, value, given) => {
          judged(withOneChanged(fixture(name), at, value), given)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('any text is JSON, or refused with a reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parsePlanText(text, 'a.json')
        } catch (error) {
          expect(error).toMatchObject({ code: 'FILE_UNUSABLE' })
        }
      }),
    )
  })
})

describe('what changes nothing', () => {
  type Json = { resource_changes: { change: { actions: string[]; before: unknown; after: unknown } }[] }
  const quiet = (json: unknown) => {
    const changes = (json as Json).resource_changes.map((entry) => {
      const { before, after } = entry.change
      const values = before ?? after
      return { ...entry, change: { actions: ['no-op'], before: values, after: values, after_unknown: {} } }
    })
    return changes
  }

  test('objects without a change never alter a verdict, wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...readable),
        fc.constantFrom(...readable),
        fc.boolean(),
        context,
        (name, other, before, given) => {
          const json = fixture(name) as Json
          // Its own instances would count as the cluster's: a plan does not have both states of an object.
          const added = quiet(fixture(other)).filter(
            (entry) => (entry as unknown as { type: string }).type !== 'aws_rds_cluster_instance',
          )
          const both = before ? [...added, ...json.resource_changes] : [...json.resource_changes, ...added]
          const alone = scanPlan(json, given)
          const together = scanPlan({ ...json, resource_changes: both }, given)
          expect(together.findings).toEqual(alone.findings)
          expect(together.verdict).toBe(alone.verdict)
        },
      ),
    )
  })

  test('a plan of nothing but objects without a change is clean, for every plan, side and fence', () => {
    fc.assert(
      fc.property(fc.constantFrom(...readable), context, (name, given) => {
        const json = { format_version: '1.2', resource_changes: quiet(fixture(name)) }
        expect(scanPlan(json, given)).toMatchObject({ verdict: 'clean', findings: [] })
      }),
    )
  })

  test('the order in a file does not alter the findings', () => {
    fc.assert(
      fc.property(fc.constantFrom(...readable), context, (name, given) => {
        const json = fixture(name) as Json
        const turned = { ...json, resource_changes: json.resource_changes.toReversed() }
        expect(scanPlan(turned, given).findings).toEqual(scanPlan(json, given).findings)
      }),
    )
  })
})
