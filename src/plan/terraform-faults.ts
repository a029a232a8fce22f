import { type Contradiction, repeated } from './repeated.ts'
import type { Plan } from './schema.ts'

/** Stacks that cannot be told apart, or that leave a cluster which nobody could create again. */
export function terraformFaults({ terraform }: Plan): Contradiction[] {
  if (!terraform) return []
  const { stacks, variables } = terraform
  const without = (['home', 'dr'] as const).filter(
    (side) => !stacks.some((stack) => stack.side === side && stack.layer === 'platform'),
  )
  return [
    ...repeated(stacks, ({ name }) => name, ['terraform', 'stacks'], 'name', 'stack'),
    ...builds(stacks),
    ...without.map((side) => ({
      path: ['terraform', 'stacks'],
      message: `no platform stack is of ${side}: nothing could create its cluster again`,
    })),
    ...(variables.isSecondary === variables.sourceRegion
      ? [
          {
            path: ['terraform', 'variables', 'sourceRegion'],
            message: 'is the same variable as isSecondary',
          },
        ]
      : []),
  ]
}

/** A project lives in its side's region, so only there a name can be meant twice. */
function builds(stacks: NonNullable<Plan['terraform']>['stacks']): Contradiction[] {
  return stacks.flatMap(({ codeBuild, side }, index) => {
    const first = stacks.findIndex((other) => other.codeBuild === codeBuild && other.side === side)
    return codeBuild !== undefined && first < index
      ? [
          {
            path: ['terraform', 'stacks', index, 'codeBuild'],
            message: `“${codeBuild}” applies ${stacks[first]?.name} already`,
          },
        ]
      : []
  })
}
