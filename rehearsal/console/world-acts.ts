import { z } from 'zod'
import type { Simulation } from '../aws/simulator.ts'
import { stacksOf } from '../aws/stacks.ts'
import { states } from '../aws/states.ts'
import { nasties } from '../aws/terraform.ts'
import { apps, regions, sides } from '../aws/world/world.ts'
import type { Bot } from '../supervise.ts'
import { switches } from './picture.ts'
import type { Acts } from './server.ts'

const AppName = z.enum(apps)
const SideName = z.enum(sides)
const Outage = z.object({
  side: SideName.default('home'),
  kind: z.enum(['drop', 'mute', 'refuse', 'reset', '5xx', 'slow']).optional(),
})
const Scale = z.object({ scale: z.number().min(0).max(3600) })
const State = z.object({ app: AppName, state: z.enum(states), active: SideName })
const Switch = z.object({ kind: z.enum(switches), on: z.boolean() })
const Apply = z.object({ app: AppName, stack: z.string() })

/** What can be done to the simulated world, and to the bot. */
export function worldActs({ simulation, bot }: { simulation: Simulation; bot: Bot }): Acts {
  return {
    outage(body) {
      const { side, kind } = Outage.parse(body)
      return simulation.outage(regions[side], kind)
    },
    kill: () => bot.kill(),
    hold: () => bot.hold(),
    release: () => bot.release(),
    scale: (body) => simulation.clock.setScale(Scale.parse(body).scale),
    state(body) {
      const { app, state, active } = State.parse(body)
      simulation.enter(app, state, active)
    },
    switch: (body) => turn(simulation, Switch.parse(body)),
    apply: (body) => apply(simulation, Apply.parse(body)),
  }
}

function turn(simulation: Simulation, { kind, on }: z.infer<typeof Switch>): void {
  const { faults } = simulation.world
  for (const { id } of faults.filter((fault) => fault.kind === kind)) simulation.removeFaults(id)
  if (on) simulation.addFault({ kind })
}

/** As its user would who has done what the bot's gate says: a platform is told whether it is the secondary. */
function apply(simulation: Simulation, { app, stack }: z.infer<typeof Apply>): void {
  const { world } = simulation
  const { side, layer } = stacksOf(app).find(({ name }) => name === stack) ?? {}
  const view = simulation.state().apps[app]
  const active = sides.find((one) => view.sides[one].writer) ?? 'home'
  const secondary = side !== active
  const variables = {
    is_aurora_secondary: String(secondary),
    aurora_source_region: secondary ? regions[active] : '',
  }
  const careless = world.faults.some(({ kind }) => kind === 'nasty-apply')
  simulation.apply(app, stack, {
    ...(layer === 'platform' ? { variables } : {}),
    ...(careless ? { nasty: nasties } : {}),
  })
}
