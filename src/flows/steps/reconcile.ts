import { type Asking, defineStep } from '../../engine/step.ts'
import { buildingOf, buildNext, builtText, goOn, left, lookAtBuilds } from '../stack-builds.ts'
import type { SafeWorld } from '../world.ts'

/**
 * Terraform still describes the night: every stack is planned and applied, by people or by the user's own builds, one
 * after the other; then deployments go on.
 */
export const reconcile = defineStep<SafeWorld>({
  id: 'reconcile',
  title: 'Have every Terraform stack applied again, then let deployments go on',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 10,
  inParts: true,
  irreversible: false,

  async observe(world) {
    const { notes, plan } = world
    if (!plan.terraform) return { state: 'done', detail: 'the plan names no Terraform' }
    const said = await notes.get('reconciled')
    return said ? { state: 'done', detail: said } : lookAtBuilds(world)
  },

  act: buildNext,

  asks: {
    question: asking,
    async heard(world, { option, by }) {
      if (option === 'applied')
        await world.notes.set('reconciled', `<@${by}> says that all stacks are applied and deployments go on`)
      else await goOn(world, option === 'by-hand')
      return { evidence: [] }
    },
  },
})

async function asking(world: SafeWorld): Promise<Asking> {
  const { title, detail } = await world.terraform.gate('reconcile')
  const building = await buildingOf(world)
  return {
    title,
    detail: [
      ...builtText(world, building),
      detail,
      'The next step looks at AWS: an apply that moved the records or the capacity shows there.',
    ].join('\n'),
    options: [
      { id: 'applied', label: 'Applied, and deployments unfrozen', style: 'primary' },
      ...buildOptions(world, left(world, building), building.done.length > 0),
    ],
  }
}

/** The builds keep to the order of the stacks, so one that has none is applied by somebody before those after it. */
function buildOptions({ plan }: SafeWorld, due: ReturnType<typeof left>, begun: boolean): Asking['options'] {
  const [next] = due
  const further = due.findIndex(({ codeBuild }) => !codeBuild)
  const names = (further < 0 ? due : due.slice(0, further)).map(({ name }) => name)
  if (next?.codeBuild)
    return [
      {
        id: 'build',
        label: begun ? 'Go on with the builds' : 'Start the builds',
        explain: `One after the other: ${names.join(', ')}${further < 0 ? '' : `; then ${due[further]?.name} is applied by hand`}. They apply what nobody has scanned. The first that fails stops them.`,
        approversOnly: true,
      },
    ]
  if (!next || !due.some(({ codeBuild }) => codeBuild)) return []
  return [
    {
      id: 'by-hand',
      label: 'The next one is applied: start the builds',
      explain: `${next.name} in ${plan.regions[next.side]} has no build: somebody has applied it by hand.`,
      approversOnly: true,
    },
  ]
}
