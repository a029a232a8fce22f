import { defineStep } from '../../engine/step.ts'
import { unseen, whyUnseen } from '../seen.ts'
import { serves, standingOf } from '../standing.ts'
import type { SafeWorld } from '../world.ts'

/** Before anything of a failback: the right account on both sides, and a side that really serves. */
export const checkWayHome = defineStep<SafeWorld>({
  id: 'check-way-home',
  title: 'Check the account, the roles and who serves',
  timeoutMinutes: 5,
  unskippable: 'another account, or a side that does not serve, would make things worse',

  async observe(world) {
    const { identity, plan, from, to } = world
    const [here, there, standing] = await Promise.all([
      identity.account(from),
      identity.account(to),
      standingOf(world),
    ])
    const wanted = plan.accounts.workload.id
    for (const [side, look] of [
      [from, here],
      [to, there],
    ] as const) {
      if (!look.ok && look.why === 'denied')
        return { state: 'blocked', detail: `the role is refused in ${side}: ${whyUnseen(look)}` }
      if (!look.ok) return unseen(`the account in ${side}`, look)
      if (look.value !== wanted)
        return { state: 'blocked', detail: `these credentials are of account ${look.value}, not ${wanted}` }
    }
    if (!standing.seen) return standing
    if (standing.is === 'writer')
      return { state: 'done', detail: `the writer is in ${to} already: what is missing is finished` }
    if (!serves(world, standing))
      return {
        state: 'blocked',
        detail: `the ${from} cluster does not accept writes (${standing.active.status})`,
      }
    return { state: 'done', detail: `${from} serves; the ${to} cluster ${RELATIONS[standing.is]}` }
  },
})

const RELATIONS = {
  follower: 'follows it, or is on its way back',
  stale: 'belongs to no pair with it',
  absent: 'does not exist',
} as const
