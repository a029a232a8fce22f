import { type App, regions, type Side } from './world/world.ts'

/** One of the user's Terraform stacks, as a plan names it. */
export type Stack = {
  readonly app: App
  readonly name: string
  readonly side: Side
  readonly layer: 'platform' | 'workloads'
  readonly directory: string
  readonly stateRegion: string
  /** Its CodeBuild project in its side's region. */
  readonly codeBuild?: string
}

const order = [
  ['dr', 'platform'],
  ['dr', 'workloads'],
  ['home', 'platform'],
  ['home', 'workloads'],
] as const

/** An application's stacks. Those of `orders` are applied by builds, those of `billing` by hand. */
export const stacksOf = (app: App): readonly Stack[] =>
  order.map(([side, layer]) => {
    const stack = { app, name: `${app}-${side}-${layer}`, side, layer }
    return app === 'orders'
      ? {
          ...stack,
          directory: `infra/orders/${side}/${layer}`,
          stateRegion: 'us-east-2',
          codeBuild: stack.name,
        }
      : { ...stack, directory: `terraform/${regions[side]}/${layer}`, stateRegion: regions[side] }
  })

/** The stack that a project in that region applies. */
export const stackOfProject = (project: string, region: string): Stack | undefined =>
  stacksOf('orders').find(({ codeBuild, side }) => codeBuild === project && regions[side] === region)
