import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Plan, PlanSchema } from '../../src/plan/schema.ts'
import { type ScanResult, scanPlan } from '../../src/terraform/scan.ts'
import type { ScanContext } from '../../src/terraform/scope.ts'

const shipped = (name: 'orders' | 'billing'): Plan =>
  PlanSchema.parse(parse(readFileSync(new URL(`../../plans/${name}.yaml`, import.meta.url), 'utf8')))

export const orders = shipped('orders')
export const billing = shipped('billing')

export const fixturePath = (name: string) => join(import.meta.dirname, 'fixtures', `${name}.json`)
export const fixture = (name: string): unknown => JSON.parse(readFileSync(fixturePath(name), 'utf8'))

/** A fixture judged, while home serves unless something else is said. */
export const scanned = (name: string, context: Partial<ScanContext> = {}): ScanResult =>
  scanPlan(fixture(name), { plan: orders, active: 'home', file: `${name}.json`, ...context })

/** `blocker address: what`, for each finding, in order. */
export const lines = ({ findings }: ScanResult): string[] =>
  findings.map(({ level, address, what }) => `${level} ${address}: ${what}`)
