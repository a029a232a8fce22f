import type { Journal } from '../../src/engine/ports.ts'
import type { ChildWork, Opener } from './journal-contract.ts'

/** Whether `name` won what the two processes compete for. */
const tries: Record<
  ChildWork['work'],
  (journal: Journal, name: string, run: string) => Promise<string | false>
> = {
  claim: async (journal, name) => (await journal.claim(name, 60_000))?.id ?? false,
  append: async (journal, name, run) => {
    const { appended } = await journal.append('r1', run, { type: 'noted', name: 'by', value: name })
    return appended && run
  },
  lock: async (journal, name, run) => 'token' in (await journal.lock(`${name}-${run}`, [run])) && run,
}

/** The other process of the journal contract: answers with what it won. */
async function compete({ module, address, name, work, runs }: ChildWork): Promise<string[]> {
  const { openJournal }: Opener = await import(module)
  const { journal, close } = await openJournal(address)
  const won: string[] = []
  for (const run of runs) {
    const prize = await tries[work](journal, name, run)
    if (prize) won.push(prize)
  }
  await close()
  return won
}

process.once('message', async (message) => {
  const won = await compete(message as ChildWork)
  process.send?.(won, () => process.disconnect())
})
