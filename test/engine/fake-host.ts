import type { Host } from '../../src/engine/host.ts'
import type { Answer, Question, RunEvent, Signal } from '../../src/engine/run.ts'

export class Crash extends Error {}

/** What outlives a crash: answers of operations, events by key, the clock. */
export class Memory {
  readonly answers = new Map<string, unknown>()
  readonly events = new Map<string, RunEvent>()
  readonly asked: Question[] = []
  now = Date.UTC(2026, 10, 21)
  signal: Signal | undefined
  lockLost: Error | undefined

  /** `step: state` of every step event, in order. */
  get told(): string[] {
    return [...this.events.values()].flatMap((event) =>
      event.type === 'step' ? [`${event.step}: ${event.state}`] : [],
    )
  }
  /** How each step ended. */
  get ends(): Record<string, string> {
    const ends: Record<string, string> = {}
    for (const event of this.events.values()) if (event.type === 'step') ends[event.step] = event.state
    return ends
  }
}

export type Answering = (question: Question, timeoutSeconds?: number) => Answer | 'timeout'
const abort: Answering = () => ({ option: 'abort', by: 'U1' })

/** Whose time the host keeps: the memory's own, which jumps, or a clock's. */
export type Time = { now(): number; sleep(ms: number): Promise<void> }

/** A host in memory that dies at the nth boundary it passes, or where it is told to; a second one over the same memory resumes. */
export function fakeHost(
  memory: Memory,
  answer: Answering = abort,
  dieAt: number | ((label: string) => boolean) = Number.POSITIVE_INFINITY,
  time: Time = jumping(memory),
) {
  const passed: string[] = []
  const dies = typeof dieAt === 'number' ? () => passed.length === dieAt : dieAt
  const boundary = (label: string) => {
    passed.push(label)
    if (dies(label)) throw new Crash()
  }
  const remembered = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (memory.answers.has(name)) return memory.answers.get(name) as T
    boundary(`before ${name}`)
    const result = await work()
    boundary(`after ${name}`)
    memory.answers.set(name, structuredClone(result))
    return result
  }
  const host: Host = {
    execution: 'in-memory',
    checkpoint: remembered,
    async attempt<T>(name: string, work: () => Promise<T>) {
      if (memory.answers.has(name)) return memory.answers.get(name) as { answer: T } | 'interrupted'
      boundary(`before ${name}`)
      memory.answers.set(name, 'interrupted')
      boundary(`begun ${name}`)
      const result = { answer: await work() }
      boundary(`after ${name}`)
      memory.answers.set(name, structuredClone(result))
      return result
    },
    async watch<T>(name: string, look: (last: T | undefined) => Promise<{ value: T; again: number | null }>) {
      if (memory.answers.has(name)) return memory.answers.get(name) as T
      for (let last = memory.answers.get(`${name}…`) as T | undefined; ; ) {
        boundary(`before ${name}`)
        const { value, again } = await look(last)
        boundary(`after ${name}`)
        memory.answers.set(again === null ? name : `${name}…`, structuredClone(value))
        if (again === null) return value
        last = value
        await time.sleep(again * 1000)
      }
    },
    ask: (question, timeoutSeconds) =>
      remembered(`ask ${question.id}`, async () => {
        memory.asked.push(question)
        const given = answer(question, timeoutSeconds)
        if (given === 'timeout') await time.sleep((timeoutSeconds ?? 0) * 1000)
        if (question.id.startsWith('pause@')) memory.signal = undefined
        return given
      }),
    inside: {
      now: () => time.now(),
      signal: async () => memory.signal,
      async record(key, event) {
        boundary(`before telling ${key}`)
        if (!memory.events.has(key)) memory.events.set(key, event)
        boundary(`after telling ${key}`)
      },
      async mayAct() {
        if (memory.lockLost) throw memory.lockLost
      },
    },
  }
  return { host, passed }
}

const jumping = (memory: Memory): Time => ({
  now: () => memory.now,
  async sleep(ms) {
    memory.now += ms
  },
})
