import { duration } from '../../engine/duration.ts'
import { defineStep } from '../../engine/step.ts'
import { notedTime } from '../notes.ts'
import type { SafeWorld } from '../world.ts'

/** Under which note the decision stands: `home`, or `stay`. */
const DECISION = 'go-home'

/** Whether somebody decided that dr goes on serving: then there is no way back in this run. */
export const stays = async ({ notes }: Pick<SafeWorld, 'notes'>): Promise<boolean> =>
  (await notes.get(DECISION))?.startsWith('stay ') ?? false

/** The second go/no-go of a drill: customers wait once more for the way back, so a person says when. */
export const goHome = defineStep<SafeWorld>({
  id: 'go-home',
  title: 'Decide: go home, or stay on dr',
  timeoutMinutes: 'none',

  async observe({ notes }) {
    const [decided, by] = (await notes.get(DECISION))?.split(' ') ?? []
    if (!decided) return { state: 'asking', detail: 'somebody has to decide' }
    return {
      state: 'done',
      detail: decided === 'stay' ? `<@${by}> decided to stay on dr` : `<@${by}> decided to go home`,
    }
  },

  asks: {
    async question(world) {
      const { plan } = world
      return {
        title: `${plan.regions.dr} (dr) serves and has soaked: go home now?`,
        detail: await knownSoFar(world),
        options: [
          {
            id: 'home',
            label: 'Go home',
            style: 'primary',
            approversOnly: true,
            explain: `Everything is checked again, then customers wait a second time while the writer moves to ${plan.regions.home}.`,
          },
          {
            id: 'stay',
            label: 'Stay on dr',
            explain: `The drill ends here: dr goes on serving at full capacity, home stands by, and Terraform disagrees with both. \`/dr failback ${plan.name}\` goes home later and loses nothing.`,
            needsReason: true,
          },
        ],
      }
    },
    async heard({ notes }, { option, by }) {
      await notes.set(DECISION, `${option} ${by}`)
      return { evidence: [] }
    },
  },
})

async function knownSoFar(world: SafeWorld): Promise<string> {
  const { notes, now } = world
  const [outage, rpo, lag, since] = await Promise.all([
    notes.get('outage-so-far'),
    notes.get('rpo'),
    notes.get('lag-before'),
    notedTime(world, 'in-sync-at'),
  ])
  return [
    `Outage on the way out: ${outage ?? 'not measured, or still going on'}.`,
    rpo === undefined
      ? 'RPO: 0 s by design, as a switchover waits for every write; not measured.'
      : `RPO: ${duration(Number(rpo))}, measured.`,
    ...(lag ? [`Lag before: ${lag}.`] : []),
    ...(since === undefined ? [] : [`dr has served for ${duration(now() - since)}.`]),
    'Nobody is waiting for this decision but the drill itself: dr serves meanwhile.',
  ].join(' ')
}
