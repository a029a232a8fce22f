// npm run bench -- NAME [--json]: a table for people, and one JSON object as the last line for programs.
import { type Bench, tableOf } from './bench.ts'

/** The registry: add a bench here. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  cold: async () => (await import('./cold.ts')).cold,
  rto: async () => (await import('./rto.ts')).rto,
}

const [name = '', ...rest] = process.argv.slice(2)
const load = Object.hasOwn(benches, name) ? benches[name] : undefined
if (load) process.exitCode = await measure(await load())
else process.exitCode = await list()

async function measure(bench: Bench): Promise<number> {
  const outcome = await bench.run(rest.filter((arg) => arg !== '--json'))
  if (!rest.includes('--json')) console.log(`${tableOf(outcome)}\n`)
  console.log(JSON.stringify({ bench: name, ok: outcome.ok, ...outcome.result }))
  return outcome.ok ? 0 : 1
}

async function list(): Promise<number> {
  console.error(
    name ? `There is no bench “${name}”. There are:` : 'Say which bench: npm run bench -- NAME [--json]',
  )
  for (const [known, loadIt] of Object.entries(benches))
    console.error(`  ${known.padEnd(8)}${(await loadIt()).about}`)
  return 2
}
