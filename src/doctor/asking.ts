import { type Budget, look } from '../aws/look.ts'
import { outside } from '../aws/outside.ts'
import type { Look, Outside, Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import { patiently, type Question, unseen } from './ask.ts'
import type { CheckId } from './checks.ts'
import type { Finding } from './finding.ts'
import type { Patient } from './place.ts'
import { placeIn } from './tools.ts'

/** One plan, looked at as its own roles would. */
export type Asking = {
  readonly plan: Plan
  readonly outside: Outside
  /** A client in a side's region, as the plan's workload role. */
  readonly client: (service: Workload, side: Side) => unknown
  /** A call in a side's region that becomes findings, or one that says why it did not. */
  see(check: CheckId, side: Side, service: string, call: Call): Promise<readonly Finding[]>
  /** What an adapter saw, judged; nothing where only a refusal is of interest. */
  judge<T>(
    question: Question,
    look: () => Promise<Look<T>>,
    judge: (value: T) => readonly Finding[],
  ): Promise<readonly Finding[]>
  /** A question about the plan in a side's region, as its workload role. */
  question(check: CheckId, side: Side, service: string): Question
}
type Workload = 'ecs' | 'elb' | 'scaling' | 'codebuild'
type Call = (budget: Budget) => Promise<readonly Finding[]>

export function asking(patient: Patient, plan: Plan): Asking {
  const { clients, clocks } = patient
  const { world: clock, people } = clocks
  const { workload } = plan.accounts
  const question = (check: CheckId, side: Side, service: string): Question => {
    const region = plan.regions[side]
    return { check, about: `${plan.name} in ${region}`, region, service, role: workload.role }
  }
  const judge: Asking['judge'] = async (asked, take, judged) => {
    const seen = await patiently(take)
    return seen.ok ? judged(seen.value) : [unseen(asked, seen)]
  }
  return {
    plan,
    outside: outside({ plan, clients, clock, people }),
    client: (service, side) => clients.of(service, placeIn(plan.regions[side], workload)),
    question,
    judge,
    see: (check, side, service, call) => {
      const asked = question(check, side, service)
      return judge(
        asked,
        () => look(clocks, `${service} in ${asked.region}`, call),
        (findings) => findings,
      )
    },
  }
}
