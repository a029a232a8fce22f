import type { Calls } from '../../rehearsal/aws/calls.ts'
import type { Parts } from '../../src/app/parts.ts'
import type { FlowEngine, Journal } from '../../src/engine/ports.ts'

/** Called wherever the bot could die, with a name that no other such place of the night has. */
export type Boundary = (where: string) => void

/** Gives every place a name of its own: the second visit is `… (2)`. */
export function numbered(boundary: Boundary): Boundary {
  const visits = new Map<string, number>()
  return (where) => {
    const visit = (visits.get(where) ?? 0) + 1
    visits.set(where, visit)
    boundary(visit === 1 ? where : `${where} (${visit})`)
  }
}

/** Whether a call changes something at AWS. */
export const isChange = (operation: string): boolean => !/^(Describe|List|Get|Test|Assume)/.test(operation)

/** Before a change reaches AWS, and when AWS has dealt with it but the bot has not heard of it. */
export function boundCalls(calls: Calls, boundary: Boundary): void {
  const add = calls.add.bind(calls)
  calls.add = (call, at) => {
    if (!isChange(call.operation)) return add(call, at)
    boundary(`before ${call.operation}`)
    return new Proxy(add(call, at), {
      set(entry, name, value) {
        const done = Reflect.set(entry, name, value)
        boundary(`after ${call.operation}`)
        return done
      },
    })
  }
}

/** After everything the journal is told, around the start of the execution, and before an answer is passed on. */
export function boundedParts(parts: Parts, boundary: Boundary): Parts {
  const { engine, journal } = parts
  const append: Journal['append'] = async (...note) => {
    const answer = await journal.append(...note)
    if (answer.appended) boundary(`noted ${shortKey(note[1])}`)
    return answer
  }
  const start: FlowEngine['start'] = async (...run) => {
    boundary('before the start')
    const execution = await engine.start(...run)
    boundary('after the start')
    return execution
  }
  const answer: FlowEngine['answer'] = async (...given) => {
    const isFirst = await engine.answer(...given)
    boundary('after the answer')
    return isFirst
  }
  return { ...parts, journal: over(journal, { append }), engine: over(engine, { start, answer }) }
}

/** `object` with some of its methods replaced. */
function over<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      if (name in methods) return Reflect.get(methods, name)
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** The key of a note of a run's world has its value in it. */
const shortKey = (key: string) => key.replace(/^(note:[^:]*):.*/s, '$1')
