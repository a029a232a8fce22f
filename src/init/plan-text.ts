import { draft } from './draft.ts'
import type { Found, Side } from './facts.ts'
import { type OutputFile, readOutputs } from './outputs.ts'
import type { Wish } from './wish.ts'
import { write } from './write.ts'

/** Where a plan is to be drafted from. */
export type Sources = {
  readonly name: string
  readonly files: readonly OutputFile[]
  readonly regions: Readonly<Partial<Record<Side, string>>>
  /** Looked at where it is named. */
  readonly globalCluster?: string
  readonly clusterName?: string
  readonly zone?: string
  readonly record?: string
  readonly workload: { readonly role?: string; readonly externalId?: string }
  readonly dns: { readonly role?: string; readonly externalId?: string }
}

/** AWS was to be looked at, and nobody said where its home region is. */
export class NoHome extends Error {}

/**
 * The text of a plan file from all its sources, and what could not be seen. `look` asks AWS. Throws NotOutputs for a
 * file that is none, and NoHome.
 */
export async function planText(
  sources: Sources,
  look: (wish: Wish) => Promise<Found>,
): Promise<{ readonly text: string; readonly gaps: readonly string[] }> {
  const { name, files, globalCluster } = sources
  const outputs = readOutputs(files, sources.regions)
  const wish = globalCluster === undefined ? undefined : wishOf(sources, globalCluster, outputs.regions)
  const seen = wish ? await look(wish) : { facts: [], gaps: [] }
  const gaps = [...seen.gaps, ...outputs.gaps]
  const { workload, dns } = sources
  const made = draft([...seen.facts, ...outputs.facts], {
    name,
    regions: sources.regions,
    seen: outputs.seen,
    told: outputs.regions,
    looked: wish !== undefined,
    ...picked(sources, 'globalCluster', 'record', 'zone'),
    externalIds: {
      ...(workload.externalId ? { workload: workload.externalId } : {}),
      ...(dns.externalId ? { dns: dns.externalId } : {}),
    },
  })
  const origin = [...files.map((file) => file.name), ...(wish ? ['AWS itself'] : [])]
  return { text: write(made, { sources: origin, gaps }), gaps }
}

function wishOf(
  { name, workload, dns, ...sources }: Sources,
  globalCluster: string,
  { home, dr }: Partial<Record<Side, string>>,
): Wish {
  if (!home) throw new NoHome()
  return {
    name,
    globalCluster,
    home,
    ...(dr ? { dr } : {}),
    ...picked(sources, 'clusterName', 'record', 'zone'),
    workload: { id: '', ...workload },
    dns: { id: '', ...dns },
  }
}

/** Those of the fields that are there. */
function picked<T extends object, K extends keyof T>(from: T, ...keys: readonly K[]) {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as {
    [P in K]?: Exclude<T[P], undefined>
  }
}
