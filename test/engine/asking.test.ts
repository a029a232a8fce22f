import { describe, expect, it } from 'vitest'
import { drError } from '../../src/engine/errors.ts'
import type { Answer, Question } from '../../src/engine/run.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { type Asking, defineFlow, defineStep, type Step } from '../../src/engine/step.ts'
import { Crash, fakeHost, Memory } from './fake-host.ts'

/** Writes that were lost, what people said about them, and a cluster that may then be deleted. */
class World {
  notes: string[] = []
  calls: string[] = []
  lost = '3 rows'
  refuse: Error | undefined
  held = false
}

const asking = (world: World): Asking => ({
  title: 'Lost writes',
  detail: `${world.lost} are in no other place.`,
  options: [
    { id: 'reconciled', label: 'Reconciled', style: 'primary' },
    {
      id: 'waive',
      label: 'Waive',
      twoPeople: true,
      needsReason: true,
      notBy: ['U9'],
      explain: 'They are lost.',
    },
  ],
})
const settle = defineStep<World>({
  id: 'settle',
  title: 'Settle the lost writes',
  timeoutMinutes: 5,
  async observe({ notes }) {
    const last = notes.at(-1)
    return last ? { state: 'done', detail: last } : { state: 'asking', detail: 'a person has to decide' }
  },
  asks: {
    question: async (world) => asking(world),
    async heard(world, { option, by, confirmedBy = 'nobody' }) {
      if (world.refuse) throw world.refuse
      const note = `${option} by ${by}, confirmed by ${confirmedBy}`
      if (!world.notes.includes(note)) world.notes.push(note)
      return { evidence: [] }
    },
  },
})
const remove = defineStep<World>({
  id: 'remove',
  title: 'Remove',
  timeoutMinutes: 5,
  irreversible: 'It is gone.',
  observe: async ({ calls }) => ({ state: calls.includes('remove') ? 'done' : 'ready', detail: 'cluster' }),
  async act(world) {
    world.calls.push('remove')
    return { evidence: ['r-remove'] }
  },
})
const flow = (...steps: Step<World>[]) => defineFlow<World>({ name: 'test', title: 'Test', steps })

/** People who say this, in this order, as `option by`. */
const people = (...said: string[]) => {
  const asked: Question[] = []
  const answer = (question: Question, limit?: number): Answer | 'timeout' => {
    asked.push(question)
    const [option = '', by = ''] = (said.shift() ?? '').split(' ')
    if (!option) throw new Error(`nobody expected “${question.id}”`)
    return option === 'timeout' && limit !== undefined ? 'timeout' : { option, by }
  }
  return { answer, asked }
}
const idsOf = (questions: readonly Question[]) => questions.map(({ id }) => id)

async function play(
  answer: (question: Question) => Answer | 'timeout',
  world = new World(),
  memory = new Memory(),
) {
  const end = await runFlow(flow(settle, remove), world, fakeHost(memory, answer).host)
  return { end, world, memory }
}

describe('a step that asks', () => {
  it('puts its own question with Abort beside it, keeps what was said, and looks again', async () => {
    const { answer, asked } = people('reconciled U1')
    const { end, world, memory } = await play(answer)
    expect(end.outcome).toBe('done')
    expect(asked).toMatchObject([
      { id: 'settle#1:asks', step: 'settle', title: 'Lost writes', detail: '3 rows are in no other place.' },
    ])
    expect(asked[0]?.options.map(({ id }) => id)).toEqual(['reconciled', 'waive', 'abort'])
    expect(world.notes).toEqual(['reconciled by U1, confirmed by nobody'])
    expect(memory.told).toEqual([
      ...['settle: waiting', 'settle: waiting', 'settle: looking', 'settle: done'],
      ...['remove: looking', 'remove: acting', 'remove: waiting', 'remove: waiting', 'remove: done'],
    ])
    expect(memory.events.get('settle#1:heard')).toMatchObject({ detail: '<@U1> chose “Reconciled”' })
  })

  it('does not offer Abort twice', async () => {
    const step = defineStep<World>({
      ...settle,
      asks: {
        ...settle.asks,
        question: async () => ({ title: '', detail: '', options: [{ id: 'abort', label: 'No go' }] }),
        heard: async () => ({ evidence: [] }),
      },
    })
    const { answer, asked } = people('abort U1')
    const end = await runFlow(flow(step), new World(), fakeHost(new Memory(), answer).host)
    expect(asked[0]?.options).toEqual([{ id: 'abort', label: 'No go' }])
    expect(end).toMatchObject({ outcome: 'aborted', by: 'U1' })
  })

  it('ends when Abort is chosen, having changed nothing', async () => {
    const { end, world } = await play(people('abort U1').answer)
    expect(end).toMatchObject({ outcome: 'aborted', by: 'U1' })
    expect(end.detail).toContain('Nothing was changed.')
    expect(world.calls).toEqual([])
  })

  it('says what is left when an answer asked for something', async () => {
    const asks = { question: async () => asking(new World()), heard: async () => ({ evidence: ['build-1'] }) }
    const step = defineStep<World>({ ...settle, asks })
    const end = await runFlow(
      flow(step),
      new World(),
      fakeHost(new Memory(), people('reconciled U1', 'abort U1').answer).host,
    )
    expect(end.detail).toContain('Left as it is: “Settle the lost writes”.')
  })

  it('counts neither what was not offered nor who may not choose it', async () => {
    const { answer, asked } = people('delete U1', 'waive U9', 'reconciled U1')
    const { world } = await play(answer)
    expect(idsOf(asked)).toEqual(['settle#1:asks', 'settle#2:asks', 'settle#3:asks'])
    expect(world.notes).toEqual(['reconciled by U1, confirmed by nobody'])
  })

  it('is a bug without a question', async () => {
    const { asks: _, ...mute } = settle
    await expect(
      runFlow(flow(mute as Step<World>), new World(), fakeHost(new Memory()).host),
    ).rejects.toThrow('nothing to ask')
  })

  it.each(['question', 'heard'] as const)(
    'asks what to do when %s fails, and asks anew on Retry',
    async (which) => {
      const world = new World()
      const fault = drError('PERMISSION_MISSING', {
        action: 'codebuild:StartBuild',
        role: 'r',
        region: 'us-west-2',
      })
      let broken = true
      const failing = <T>(name: string, work: () => Promise<T>) => {
        if (!broken || name !== which) return work()
        broken = false
        return Promise.reject(fault)
      }
      const step = defineStep<World>({
        ...settle,
        asks: {
          question: (w) => failing('question', async () => asking(w)),
          heard: (w, said) => failing('heard', async () => settle.asks?.heard(w, said) ?? { evidence: [] }),
        },
      })
      const before = which === 'heard' ? ['reconciled U1'] : []
      const { answer, asked } = people(...before, 'retry U1', 'reconciled U2')
      const end = await runFlow(flow(step), world, fakeHost(new Memory(), answer).host)
      expect(end.outcome).toBe('done')
      expect(idsOf(asked).slice(-2)).toEqual(['settle#1', 'settle#2:asks'])
      expect(asked.at(-2)?.detail).toBe(fault.told)
      expect(world.notes).toEqual(['reconciled by U2, confirmed by nobody'])
    },
  )
})

describe('a choice that takes two people', () => {
  it('counts once somebody else confirmed it', async () => {
    const { answer, asked } = people('waive U1', 'confirm U2')
    const { world, memory } = await play(answer)
    expect(asked[1]).toMatchObject({
      id: 'settle#1:asks:confirm',
      step: 'settle',
      title: '<@U1> chose “Waive”: somebody else has to confirm it',
      options: [
        { id: 'confirm', approversOnly: true, notBy: ['U1', 'U9'], explain: 'They are lost.' },
        { id: 'withdraw' },
        { id: 'abort' },
      ],
    })
    expect(world.notes).toEqual(['waive by U1, confirmed by U2'])
    expect(memory.events.get('settle#1:heard')).toMatchObject({
      detail: '<@U1> chose “Waive”, confirmed by <@U2>',
    })
  })

  it('is asked anew when it is withdrawn, or confirmed by the one who chose it', async () => {
    const { answer, asked } = people('waive U1', 'withdraw U1', 'waive U1', 'confirm U1', 'reconciled U2')
    const { world } = await play(answer)
    expect(idsOf(asked)).toEqual([
      ...[
        'settle#1:asks',
        'settle#1:asks:confirm',
        'settle#2:asks',
        'settle#2:asks:confirm',
        'settle#3:asks',
      ],
    ])
    expect(world.notes).toEqual(['reconciled by U2, confirmed by nobody'])
  })

  it('ends when the second person aborts', async () => {
    const { end, world } = await play(people('waive U1', 'abort U2').answer)
    expect(end).toMatchObject({ outcome: 'aborted', by: 'U2' })
    expect(world.notes).toEqual([])
  })
})

describe('what people ask for meanwhile', () => {
  it('asks nothing once somebody wants the run to end, and hears nothing either', async () => {
    const memory = new Memory()
    const step = defineStep<World>({
      ...settle,
      async observe(world) {
        memory.signal = 'abort'
        return settle.observe(world)
      },
    })
    const end = await runFlow(flow(step), new World(), fakeHost(memory, people().answer).host)
    expect(end.outcome).toBe('aborted')
    expect(memory.asked).toEqual([])

    const late = new Memory()
    const { end: after, world } = await play(
      () => {
        late.signal = 'abort'
        return { option: 'reconciled', by: 'U1' }
      },
      new World(),
      late,
    )
    expect(after.outcome).toBe('aborted')
    expect(world.notes).toEqual([])
  })

  it('pauses between the two people, and asks anew afterwards', async () => {
    const memory = new Memory()
    const { answer, asked } = people('waive U1', 'resume U1', 'reconciled U1')
    const { end } = await play(
      (question) => {
        if (question.id === 'settle#1:asks') memory.signal = 'pause'
        return answer(question)
      },
      new World(),
      memory,
    )
    expect(end.outcome).toBe('done')
    expect(idsOf(asked)).toEqual(['settle#1:asks', 'pause@settle#2', 'settle#3:asks'])
  })
})

describe('a hold', () => {
  const hold = defineStep<World>({
    id: 'hold',
    title: 'Hold',
    timeoutMinutes: 5,
    irreversible: false,
    holdSeconds: 180,
    heldUntil: 'remove',
    observe: async ({ held }) => ({ state: held ? 'done' : 'ready', detail: '' }),
    async act(world) {
      world.held = true
      return { evidence: [] }
    },
    async undo(world) {
      world.held = false
      return { evidence: [] }
    },
  })

  it.each([
    ['the first', ['timeout', 'abort U1'], ['settle#1:asks', 'hold#3:released']],
    [
      'the second',
      ['waive U1', 'timeout', 'abort U1'],
      ['settle#1:asks', 'settle#1:asks:confirm', 'hold#3:released'],
    ],
  ])('runs out while %s person is asked', async (_, said, ids) => {
    const [world, memory] = [new World(), new Memory()]
    const limits: (number | undefined)[] = []
    const { answer, asked } = people(...said)
    const { host } = fakeHost(memory, (question, limit) => {
      limits.push(limit)
      if (question.id === 'settle#1:asks') memory.now += limit && said.length > 2 ? 60_000 : 0
      return answer(question, limit)
    })
    const end = await runFlow(flow(hold, settle, remove), world, host)
    expect(idsOf(asked)).toEqual(ids)
    expect(limits).toEqual(ids.length === 3 ? [180, 120, undefined] : [180, undefined])
    expect(world.held).toBe(false)
    expect(end.outcome).toBe('aborted')
  })
})

describe('killed at every boundary', async () => {
  const said = ['waive U1', 'withdraw U2', 'waive U1', 'confirm U2']
  const { host, passed } = fakeHost(new Memory(), people(...said).answer)
  await runFlow(flow(settle, remove), new World(), host)
  const points = passed.map((label, index) => [index + 1, label] as const)

  /** What each question is answered, however often it is put. */
  const steady = ({ id }: Question): Answer => {
    if (id === 'remove#1') return { option: 'retry', by: 'U1' }
    const round = id.split(':')[0]
    if (!id.endsWith(':confirm')) return { option: 'waive', by: 'U1' }
    return round === 'settle#1' ? { option: 'withdraw', by: 'U2' } : { option: 'confirm', by: 'U2' }
  }

  it.each(points)(
    'at boundary %i, %s, it hears what two people said, once, and deletes once',
    async (dieAt) => {
      const [world, memory] = [new World(), new Memory()]
      const steps = flow(settle, remove)
      await expect(runFlow(steps, world, fakeHost(memory, steady, dieAt).host)).rejects.toThrow(Crash)
      const end = await runFlow(steps, world, fakeHost(memory, steady).host)
      expect(end.outcome).toBe('done')
      expect(world.notes).toEqual(['waive by U1, confirmed by U2'])
      expect(world.calls).toEqual(['remove'])
    },
  )
})
