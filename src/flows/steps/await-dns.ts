import { defineStep, type Observation } from '../../engine/step.ts'
import { noteOnce } from '../notes.ts'
import { unseen } from '../seen.ts'
import type { SafeWorld } from '../world.ts'

/** In sync: Route 53 says so of our change, or every one of its servers already answers with the new side. */
export const awaitDns = defineStep<SafeWorld>({
  id: 'await-dns',
  title: "Wait until all of Route 53's servers answer with the new side",
  timeoutMinutes: 5,
  pollSeconds: 2,

  async observe(world) {
    const change = await world.notes.get('dns-change')
    if (change) {
      const sync = await world.dns.inSync(change)
      if (sync.ok && sync.value)
        return inSync(world, `all of Route 53's servers have it (change ${change.replace('/change/', '')})`)
      if (sync.ok)
        return {
          state: 'pending',
          detail: `Route 53 is still spreading it (change ${change.replace('/change/', '')})`,
        }
    }
    const answers = await world.dns.answers()
    if (!answers.ok) return unseen("the servers' answers", answers)
    if (answers.value.length > 0 && answers.value.every((side) => side === world.to))
      return inSync(world, `every server answers ${world.to}`)
    return { state: 'pending', detail: 'not every server answers with the new side' }
  },
})

async function inSync(world: SafeWorld, detail: string): Promise<Observation> {
  await noteOnce(world, 'in-sync-at', world.now())
  return { state: 'done', detail }
}
