import { defineStep } from '../../engine/step.ts'
import { rescueText } from '../rescue.ts'
import { isRescueCopy, isUnplanned, newestFirst, snapshotLine } from '../snapshots.ts'
import { standingOf } from '../standing.ts'
import type { SafeWorld } from '../world.ts'

/** Writes that never reached the other side are somebody's orders: people say what became of them before going on. */
export const settleLostWrites = defineStep<SafeWorld>({
  id: 'settle-lost-writes',
  title: 'Have people say what became of the lost writes',
  timeoutMinutes: 10,
  unskippable: 'after this run nobody looks for them any more',

  async observe(world) {
    const { notes, to } = world
    const settled = await notes.get('lost-writes')
    if (settled)
      return {
        state: 'done',
        detail: settled === 'none' ? 'nothing was lost: the writer moved by a switchover' : settled,
      }
    const standing = await standingOf(world)
    if (!standing.seen) return standing
    if (standing.is === 'writer')
      return { state: 'done', detail: `not asked again: ${to} holds the writer already` }
    const [rescue, move] = [await notes.get('rescue'), await notes.get('last-move')]
    if (move === 'planned' && rescue === 'absent') {
      await notes.set('lost-writes', 'none')
      return { state: 'done', detail: 'nothing was lost: the writer moved by a switchover' }
    }
    return { state: 'asking', detail: `writes may have been lost; ${rescueText(rescue ?? 'nobody looked')}` }
  },

  asks: {
    async question(world) {
      return {
        title: 'What became of the writes that were lost?',
        detail: await knownOfThem(world),
        options: [
          {
            id: 'reconciled',
            label: 'Reconciled',
            style: 'primary',
            explain: 'Somebody compared them with what is served now, and put back what was needed.',
            needsReason: true,
            approversOnly: true,
          },
          {
            id: 'waive',
            label: 'Give them up',
            style: 'danger',
            explain: 'Nobody will put them back. What was saved of them stays in its snapshots.',
            needsReason: true,
            approversOnly: true,
            twoPeople: true,
          },
        ],
      }
    },
    async heard({ notes }, { option, by, confirmedBy, reason }) {
      const who = confirmedBy ? `<@${by}> and <@${confirmedBy}>` : `<@${by}>`
      await notes.set(
        'lost-writes',
        `${option === 'waive' ? 'given up' : 'reconciled'}: ${who}: ${reason ?? ''}`,
      )
      return { evidence: [] }
    },
  },
})

async function knownOfThem(world: SafeWorld): Promise<string> {
  const { notes, database, to } = world
  const [rescue, stale, look] = await Promise.all([
    notes.get('rescue'),
    notes.get('stale-snapshot'),
    database.snapshots(to),
  ])
  const saved = look.ok
    ? newestFirst(look.value).filter((one) => isUnplanned(one) || isRescueCopy(one) || one.id === stale)
    : []
  return [
    `${rescueText(rescue ?? 'nobody looked for a snapshot of them')}.`,
    saved.length
      ? `What there is of them: ${saved.map(snapshotLine).join('; ')}.`
      : 'There is no snapshot of them.',
    'Restore the newest into a cluster of its own, compare it with what is served now, and put back what is needed.',
  ].join(' ')
}
