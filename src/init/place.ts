import { type Fact, type FactOf, factsOf, SIDES, type Side } from './facts.ts'
import type { Sides } from './slot.ts'

/** What is known besides the facts. */
export type Given = {
  readonly name: string
  readonly globalCluster?: string
  readonly regions: Readonly<Partial<Record<Side, string>>>
  /** The regions of Terraform's values, in their order, and what names of files and outputs say of sides. */
  readonly seen: readonly string[]
  readonly told: Readonly<Partial<Record<Side, string>>>
  readonly record?: string
  readonly zone?: string
  /** Whether AWS was looked at: then what is missing is not there, and otherwise it is not known. */
  readonly looked: boolean
  readonly externalIds?: { readonly workload?: string; readonly dns?: string }
}

/** What every part of a draft is made from. */
export type Place = {
  readonly facts: readonly Fact[]
  readonly at: Readonly<Partial<Record<Side, string>>>
  readonly stems: readonly string[]
  readonly given: Given
}

export const both = <T>(of: (side: Side) => T): Sides<T> => ({ home: of('home'), dr: of('dr') })
export const sideAt = (at: Place['at'], region: string): Side | undefined =>
  SIDES.find((side) => at[side] === region)
/** A side's facts of one kind. */
export const onSide = <K extends Fact['kind']>({ facts, at }: Place, kind: K, side: Side): FactOf<K>[] =>
  factsOf(facts, kind).filter((fact) => 'region' in fact && fact.region === at[side])
