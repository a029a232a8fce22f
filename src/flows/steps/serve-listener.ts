import { defineStep } from '../../engine/step.ts'
import { unseen } from '../seen.ts'
import type { ListenerFacts, SafeWorld } from '../world.ts'

/** Sends the listener's default traffic to the live target group, where the plan names a listener. */
export const serveListener = defineStep<SafeWorld>({
  id: 'serve-listener',
  title: 'Switch the load balancer listener to the live target group',
  timeoutMinutes: 5,
  pollSeconds: 2,
  irreversible: false,

  async observe({ listener, plan, to }) {
    const serves = plan.listener?.[to]?.serves
    if (!serves) return { state: 'done', detail: `the plan names no listener in ${to}` }
    const look = await listener.look(to)
    if (!look.ok) return unseen(`the listener of ${to}`, look)
    if (look.value === 'absent') return { state: 'blocked', detail: `the listener of ${to} does not exist` }
    const name = shortName(serves)
    if (servesOnly(look.value, serves))
      return { state: 'done', detail: `the listener forwards to ${name} only` }
    const healthy = look.value.healthy[serves] ?? 0
    if (healthy === 0) return { state: 'pending', detail: `${name} has no healthy target yet` }
    const rules = look.value.hasRules ? '; it also has rules, which are left as they are' : ''
    return {
      state: 'ready',
      detail: `the listener does not forward to ${name} yet (${healthy} healthy)${rules}`,
    }
  },

  act: ({ listener, to }) => listener.serve(to),
})

const servesOnly = ({ forwards }: ListenerFacts, wanted: string) =>
  Object.entries(forwards).every(([group, weight]) => (group === wanted ? weight > 0 : weight === 0)) &&
  (forwards[wanted] ?? 0) > 0

/** `targetgroup/orders-api/0a1b` of an ARN: what people know it by. */
const shortName = (arn: string) => arn.split(':').at(-1)?.split('/')[1] ?? arn
