import { defineStep } from '../../engine/step.ts'
import { copyLostWrites, lookAtRescue } from '../rescue.ts'
import { andAcross, lookAcross } from '../rescue-across.ts'
import type { SafeWorld } from '../world.ts'

/** Whoever goes home does not wait for ever for the second safety. */
const AN_HOUR = { tries: 3, waitMs: 3_600_000 } as const

/** First of all: what AWS saved of the lost writes vanishes with retention or the cluster, a manual copy does not. */
export const rescueLostWrites = defineStep<SafeWorld>({
  id: 'rescue-lost-writes',
  title: 'Keep the lost writes: copy the snapshot AWS took of them',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 5,
  irreversible: false,
  inParts: true,
  unskippable: 'the lost writes may exist nowhere else',

  async observe(world) {
    const seen = await lookAtRescue(world)
    if (seen.state === 'done') return andAcross(seen, await lookAcross(world, AN_HOUR))
    if (seen.state !== 'failed') return seen
    const again = Number((await world.notes.get('rescue-again')) ?? 0)
    return { state: seen.times > again ? 'asking' : 'ready', detail: seen.detail }
  },

  act: copyLostWrites,

  asks: {
    async question(world) {
      const { detail } = await lookAtRescue(world)
      return {
        title: 'AWS does not copy the snapshot of the lost writes',
        detail: `${detail}. Look at its key and the snapshot quota of ${world.plan.regions[world.to]}.`,
        options: [
          { id: 'again', label: 'Copy it again', style: 'primary', approversOnly: true },
          {
            id: 'waive',
            label: 'Give the lost writes up',
            style: 'danger',
            explain: 'Whatever never reached the other side may be gone for good.',
            needsReason: true,
            approversOnly: true,
            twoPeople: true,
          },
        ],
      }
    },
    async heard(world, { option, by, confirmedBy, reason }) {
      if (option === 'waive') {
        const who = confirmedBy ? `<@${by}> and <@${confirmedBy}>` : `<@${by}>`
        await world.notes.set('rescue', `waived: ${who}: ${reason ?? ''}`)
      } else {
        const seen = await lookAtRescue(world)
        if (seen.state === 'failed') await world.notes.set('rescue-again', String(seen.times))
      }
      return { evidence: [] }
    },
  },
})
