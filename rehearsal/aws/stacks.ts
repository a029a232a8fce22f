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
  ['home', 'platform'],
  ['home', 'workloads'],
  ['dr', 'platform'],
  ['dr', 'workloads'],
] as const

/** An application's stacks. Those of `orders` are applied by builds, those of `billing` by hand. */
export const stacksOf = (app: App): readonly Stack[] =>
  order.map(([side, layer]) => ({
    app,
    name: `${side}-${layer}`,
    side,
    layer,
    directory: `infra/${app}/${side}/${layer}`,
    stateRegion: 'us-east-2',
    ...(app === 'orders' ? { codeBuild: `${app}-${side}-${layer}` } : {}),
  }))

/** The stack that a project in that region applies. */
export const stackOfProject = (project: string, region: string): Stack | undefined =>
  stacksOf('orders').find(({ codeBuild, side }) => codeBuild === project && regions[side] === region)
