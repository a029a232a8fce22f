type Run = (args: readonly string[], out: (text: string) => void) => Promise<number>

/** Commands with words and exit codes of their own; each is loaded only when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<Run>>> = {
  manifest: async () => (await import('./manifest.ts')).manifest,
  init: async () => (await import('./init.ts')).init,
  validate: async () => (await import('./validate.ts')).validate,
  serve: async () => (await import('./serve.ts')).serve,
  doctor: async () => (await import('./doctor.ts')).doctor,
}

/** Flags of the whole terminal that may stand before a command, with a value. */
const WITH_VALUE: ReadonlySet<string> = new Set(['--rehearsal', '--as', '--state-dir'])

/** Carries such a command out and answers its exit code; undefined where the words are none. */
export async function dispatched(words: readonly string[]): Promise<number | undefined> {
  let at = 0
  while (words[at]?.startsWith('--')) at += WITH_VALUE.has(words[at] as string) ? 2 : 1
  const name = words[at] ?? ''
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) return undefined
  const run = await load()
  return run(words.toSpliced(at, 1), (text) => void process.stdout.write(`${text}\n`))
}
