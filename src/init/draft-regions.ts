import { type Fact, factsOf, type Side } from './facts.ts'
import type { Given } from './place.ts'
import { fill, known, type Sides, type Slot, valueIn } from './slot.ts'

/** Which region is which side: as it was said, as names say, or else a guess that is marked as one. */
export function regionsDraft(facts: readonly Fact[], { regions, told, seen }: Given): Sides<Slot> {
  const said = (side: Side): Slot | undefined => {
    const [region, name] = [regions[side], told[side]]
    if (region) return known(region, 'the command line')
    return name ? known(name, "the names of Terraform's outputs") : undefined
  }
  const members = [...new Set(factsOf(facts, 'db-cluster').map(({ region }) => region))]
  const all = [...new Set([...members, ...seen])]
  const home = said('home') ?? guessed(all, valueIn(said('dr')))
  const dr = said('dr') ?? other(members.length > 1 ? members : all, valueIn(home))
  return { home, dr }
}

function guessed(all: readonly string[], dr: string | undefined): Slot {
  const [first] = all.filter((region) => region !== dr)
  if (!first) return fill('the region that normally serves')
  return known(first, 'the first region that was named', 'is this the region that normally serves?')
}

function other(all: readonly string[], home: string | undefined): Slot {
  const [first, ...more] = all.filter((region) => region !== home)
  if (!first) return fill('the region that takes over: nothing of it was found')
  if (more.length) return fill(`the region that takes over, one of: ${[first, ...more].join(', ')}`)
  return known(first, 'the other region that was found')
}
