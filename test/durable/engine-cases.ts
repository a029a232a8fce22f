import { type DurableContext, retryPresets, StepSemantics } from '@aws/durable-execution-sdk-js'

export type Flow = (input: Record<string, unknown>, context: DurableContext) => Promise<unknown>

/** One execution from its start to its end, as whatever carries out durable functions must do it. */
export type Case = {
  readonly title: string
  readonly input?: Record<string, unknown>
  /** `note` keeps what happened, in order. */
  readonly flow: (note: (what: string) => void) => Flow
  /** What its only callback, `q`, is answered. */
  readonly answer?: { readonly option: string; readonly by: string }
  readonly ends: 'SUCCEEDED' | 'FAILED'
  readonly error?: string
  readonly notes: readonly string[]
}

const yes = { option: 'yes', by: 'U1' }
const long = 'é'.repeat(100_000)

export const cases: readonly Case[] = [
  {
    title: 'sees its input as it was given',
    input: { nested: { list: [1, null, 'é'] }, plan: 'orders' },
    flow: (note) => async (input) => note(JSON.stringify(input)),
    ends: 'SUCCEEDED',
    notes: ['{"nested":{"list":[1,null,"é"]},"plan":"orders"}'],
  },
  {
    title: 'runs no finished step again after a pause',
    flow: (note) => async (_, context) => {
      await context.step('a', async () => note('a'))
      await context.wait('w', { minutes: 10 })
      await context.step('b', async () => note('b'))
    },
    ends: 'SUCCEEDED',
    notes: ['a', 'b'],
  },
  {
    title: 'tries a step that fails again, and goes on with what it answered in the end',
    flow: (note) => {
      let tries = 0
      return async (_, context) => {
        const answer = await context.step('a', async () => failing(note, ++tries, 3), {
          retryStrategy: (_error, attempt) => ({ shouldRetry: attempt < 5, delay: { seconds: 30 } }),
        })
        note(answer)
      }
    },
    ends: 'SUCCEEDED',
    notes: ['try 1', 'try 2', 'try 3', 'well'],
  },
  {
    title: 'does not try a step again that may run but once',
    flow: (note) => {
      let tries = 0
      return async (_, context) => {
        const once = { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: retryPresets.noRetry }
        await context
          .step('a', async () => failing(note, ++tries, 3), once)
          .catch((error) => note((error as { cause: Error }).cause.message))
      }
    },
    ends: 'SUCCEEDED',
    notes: ['try 1', 'not yet'],
  },
  {
    title: 'looks again and again until it has seen what it waits for',
    flow: (note) => async (_, context) => {
      const looks = await context.waitForCondition('w', async (looks: number) => looks + 1, {
        initialState: 0,
        waitStrategy: (looks) =>
          looks < 4 ? { shouldContinue: true, delay: { seconds: 60 } } : { shouldContinue: false },
      })
      note(`${looks} looks`)
    },
    ends: 'SUCCEEDED',
    notes: ['4 looks'],
  },
  {
    title: 'waits for an answer and gets it as it was given',
    flow: (note) => async (_, context) => note(await context.waitForCallback<string>('q', async () => {})),
    answer: yes,
    ends: 'SUCCEEDED',
    notes: [JSON.stringify(yes)],
  },
  {
    title: 'carries every branch to its end when one of them fails',
    flow: (note) => async (_, context) => {
      const branch = (name: string, minutes: number, fails: boolean) => async (inner: DurableContext) => {
        await inner.wait({ minutes })
        await inner.step(name, async () => note(name))
        if (fails) throw new Error(`${name} failed`)
      }
      const after = await context.parallel('p', [branch('a', 1, true), branch('b', 5, false)], {
        completionConfig: { toleratedFailureCount: 2 },
      })
      note(after.all.map(({ status }) => status).join())
    },
    ends: 'SUCCEEDED',
    notes: ['a', 'b', 'FAILED,SUCCEEDED'],
  },
  {
    title: 'keeps long results',
    input: { long },
    flow: (note) => async (input, context) => {
      let length = String(input.long).length
      for (const name of ['a', 'b', 'c', 'd']) {
        length += (await context.step(name, async () => long)).length
        await context.wait({ minutes: 1 })
      }
      note(String(length))
    },
    ends: 'SUCCEEDED',
    notes: ['500000'],
  },
  {
    title: 'fails with the words of an error that nobody catches',
    flow: () => async (_, context) => {
      await context.step('a', async () => 'a')
      throw new RangeError('no such thing')
    },
    ends: 'FAILED',
    error: 'RangeError: no such thing',
    notes: [],
  },
]

function failing(note: (what: string) => void, tries: number, wellAt: number): string {
  note(`try ${tries}`)
  if (tries < wellAt) throw new Error('not yet')
  return 'well'
}
