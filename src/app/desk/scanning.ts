import { DrError } from '../../engine/errors.ts'
import type { Run } from '../../engine/run.ts'
import type { Choice } from '../../flows/choice.ts'
import { writerOf } from '../../flows/topology.ts'
import { otherSide, type Side } from '../../flows/world.ts'
import { planOf } from '../../plan/plans.ts'
import type { Plan } from '../../plan/schema.ts'
import type { Ask } from '../../slack/asks.ts'
import { type ScanRead, scanNote } from '../../slack/views/scan.ts'
import { parsePlanText } from '../../terraform/plan-text.ts'
import { type ScanResult, scanPlan } from '../../terraform/scan.ts'
import type { Parts } from '../parts.ts'
import { lookAtGlobal } from './look.ts'

type ScanAsk = Extract<Ask, { kind: 'scan' }>

/** Reads a Terraform plan that somebody put into a run's thread, and keeps the verdict with the run, once. */
export async function scanFile(parts: Parts, run: Run, ask: ScanAsk, itemId: string): Promise<void> {
  const { name } = ask.file
  const of = { name, by: ask.by, ...(ask.planSha256 ? { planSha256: ask.planSha256 } : {}) }
  const { key, event } = scanNote(itemId, { ...of, ...(await verdict(parts, run, ask)) } as ScanRead)
  await parts.journal.append(run.id, key, event)
}

async function verdict(parts: Parts, run: Run, { file }: ScanAsk): Promise<Verdict> {
  const plan = planOf(parts.plans, run.proposal.plan)
  try {
    const text = await parts.readFile(file)
    const context = await contextOf(parts, plan, run, file.name)
    const { verdict: is, findings } = scanPlan(parsePlanText(text, file.name), context)
    return { verdict: is, findings }
  } catch (error) {
    if (error instanceof DrError) return { verdict: 'unread', why: `${error.message} ${error.remedy}` }
    throw error
  }
}
type Verdict = Pick<ScanResult, 'verdict' | 'findings'> | { readonly verdict: 'unread'; readonly why: string }

/** The side that holds the writer now; undefined when nobody says. */
export async function activeOf(parts: Parts, plan: Plan): Promise<Side | undefined> {
  const global = await lookAtGlobal(await parts.outside(plan))
  return global.ok && global.value !== 'absent' ? writerOf(plan, global.value) : undefined
}

/** What is known of the pair now; where AWS does not say who serves, the run's own direction does. */
async function contextOf(parts: Parts, plan: Plan, { proposal }: Run, file: string) {
  const outside = await parts.outside(plan)
  const { flow, variant, from, to } = proposal.input as Choice
  const global = await lookAtGlobal(outside)
  const active = (global.ok && global.value !== 'absent' && writerOf(plan, global.value)) || from
  const stack = plan.terraform?.stacks.find(({ name }) => file.includes(name))
  return {
    plan,
    active,
    file,
    // Until the writer is home again, what was stopped there must stay stopped.
    fenced: active === 'dr' ? [otherSide(active)] : [],
    ...(flow === 'failback' && variant === 'rebuild' && active === from ? { stale: to } : {}),
    ...(global.ok && global.value !== 'absent' ? { engineVersion: global.value.engineVersion } : {}),
    ...(stack ? { stack } : {}),
  }
}
