import { defineStep } from '../../engine/step.ts'
import type { SafeWorld } from '../world.ts'

/** Terraform still describes the night: every stack is planned, scanned and applied, then deployments go on. */
export const reconcile = defineStep<SafeWorld>({
  id: 'reconcile',
  title: 'Have every Terraform stack applied again, then let deployments go on',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 10,

  async observe({ notes, plan }) {
    if (!plan.terraform) return { state: 'done', detail: 'the plan names no Terraform' }
    const said = await notes.get('reconciled')
    return said
      ? { state: 'done', detail: said }
      : { state: 'asking', detail: 'the stacks still have to be applied' }
  },

  asks: {
    async question({ terraform }) {
      const { title, detail } = await terraform.gate('reconcile')
      return {
        title,
        detail: `${detail}\nThe next step looks at AWS: an apply that moved the records or the capacity shows there.`,
        options: [{ id: 'applied', label: 'Applied, and deployments unfrozen', style: 'primary' }],
      }
    },
    async heard({ notes }, { by }) {
      await notes.set('reconciled', `<@${by}> says that all stacks are applied and deployments go on`)
      return { evidence: [] }
    },
  },
})
