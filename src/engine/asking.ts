import { receiptOf } from './act.ts'
import { type Fault, faultOf } from './errors.ts'
import type { Host } from './host.ts'
import { askedQuestion, confirmQuestion, isAbort } from './questions.ts'
import { type Answer, CONFIRM, type Question, type Signal } from './run.ts'
import type { Asking, Asks, Receipt, Step } from './step.ts'

/**
 * What came of asking: the answer was kept (`at` in world ms) · it did not count, so ask again · a hold ran out first ·
 * people want something else · it could not be asked, or not be kept.
 */
export type Heard =
  | { readonly kept: Receipt; readonly at: number }
  | 'anew'
  | 'timeout'
  | { readonly signal: Signal }
  | { readonly abortedBy: string }
  | { readonly fault: Fault }

/**
 * Puts a step's question and keeps what was said to it, once somebody else has confirmed it where that takes two.
 * Nobody is waited for beyond `deadline` (world ms). Throws for a step that asks without a question.
 */
export async function askPeople<World>(
  step: Step<World>,
  op: string,
  world: World,
  host: Host,
  deadline?: number,
): Promise<Heard> {
  if (!step.asks) throw new Error(`“${step.id}” says that it is asking, and has nothing to ask`)
  const put = await prepared(step.asks, op, world, host)
  if (!('asking' in put)) return put
  const question = askedQuestion(op, step, put.asking)
  const first = await within(host, question, put.now, deadline)
  if (first === 'timeout' || isAbort(first)) return ended(first)
  const option = chosen(question, first)
  if (!option) return 'anew'
  const answer = option.twoPeople ? await confirmed(question, first, op, host, deadline) : first
  return isAnswer(answer) ? keep(step, op, world, host, answer, option.label) : answer
}

/** Reads the question, unless somebody wants the run to stop or pause: then nobody is asked anything else. */
async function prepared<World>(asks: Asks<World>, op: string, world: World, host: Host) {
  const { inside } = host
  return host.checkpoint<{ now: number; asking: Asking } | { signal: Signal } | { fault: Fault }>(
    `${op}:question`,
    async () => {
      const signal = await inside.signal()
      if (signal) return { signal }
      try {
        return { asking: await asks.question(world), now: inside.now() }
      } catch (error) {
        return { fault: faultOf(error) }
      }
    },
  )
}

/** Asks somebody else whether the choice shall count; theirs and nobody's who is excluded. */
async function confirmed(
  question: Question,
  first: Answer,
  op: string,
  host: Host,
  deadline?: number,
): Promise<Answer | Exclude<Heard, { kept: Receipt }>> {
  const put = await host.checkpoint<{ now: number } | { signal: Signal }>(`${op}:second`, async () => {
    const signal = await host.inside.signal()
    return signal ? { signal } : { now: host.inside.now() }
  })
  if ('signal' in put) return put
  const confirm = confirmQuestion(question, first)
  const second = await within(host, confirm, put.now, deadline)
  if (second === 'timeout' || isAbort(second)) return ended(second)
  return chosen(confirm, second)?.id === CONFIRM ? { ...first, confirmedBy: second.by } : 'anew'
}

async function keep<World>(
  { id, asks }: Step<World>,
  op: string,
  world: World,
  host: Host,
  answer: Answer,
  label: string,
): Promise<Heard> {
  const { inside } = host
  return host.checkpoint<Heard>(`${op}:heard`, async () => {
    // Whoever asked for the end after the answer does not want it carried out.
    if ((await inside.signal()) === 'abort') return { signal: 'abort' }
    const at = inside.now()
    const done = await receiptOf(async () => {
      await inside.mayAct()
      return (await asks?.heard(world, answer)) ?? { evidence: [] }
    })
    if ('fault' in done) return done
    const { evidence } = done.receipt
    const detail = `${said(answer, label)}${answer.confirmedBy ? `, confirmed by <@${answer.confirmedBy}>` : ''}`
    await inside.record(`${op}:heard`, { type: 'step', step: id, state: 'waiting', detail, evidence })
    return { kept: done.receipt, at }
  })
}

const said = ({ by, reason }: Answer, label: string) =>
  `<@${by}> chose “${label}”${reason ? ` (${reason})` : ''}`

/** The option that was chosen, if it is one, and was one for them. */
const chosen = ({ options }: Question, { option, by }: Answer) =>
  options.find(({ id, notBy }) => id === option && !notBy?.includes(by))

async function within(host: Host, question: Question, now: number, deadline?: number) {
  if (deadline === undefined) return host.ask(question)
  return now >= deadline ? 'timeout' : host.ask(question, Math.ceil((deadline - now) / 1000))
}

const ended = (answer: Answer | 'timeout') => (answer === 'timeout' ? answer : { abortedBy: answer.by })

const isAnswer = (answer: Answer | Exclude<Heard, { kept: Receipt }>): answer is Answer =>
  answer !== 'anew' && answer !== 'timeout' && 'option' in answer
