import { createInterface } from 'node:readline/promises'
import { drError } from '../engine/errors.ts'

/** What the command line says in advance of what would be asked. */
export type Said = { readonly confirm?: string; readonly reason?: string }

/** Asks whoever sits here: `confirm` for a phrase that has to be typed, `reason`, and `choice` for one of several. */
export type Prompt = {
  confirm(what: string, phrase: string): Promise<string>
  reason(what: string): Promise<string>
  choice(what: string, among: readonly string[]): Promise<string>
}

/** Questions on the terminal; where nobody sits at one, what was not said in advance is a fault that says so. */
export function promptOn(input: NodeJS.ReadStream, output: NodeJS.WriteStream, said: Said): Prompt {
  const ask = async (text: string, instead: string): Promise<string> => {
    if (!input.isTTY || !output.isTTY) throw drError('CONFIG_INVALID', { faults: [instead] })
    const lines = createInterface({ input, output })
    try {
      return (await lines.question(text)).trim()
    } finally {
      lines.close()
    }
  }
  return {
    async confirm(what, phrase) {
      const typed =
        said.confirm ??
        (await ask(`${what}\nType “${phrase}”: `, `“${phrase}” has to be typed: --confirm '${phrase}'`))
      if (typed !== phrase) throw drError('PHRASE_WRONG', { expected: phrase })
      return typed
    },
    async reason(what) {
      const reason = said.reason?.trim() || (await ask(`${what}: `, 'a reason is needed: --reason TEXT'))
      if (!reason) throw drError('CARD_STALE', { why: 'a reason is needed; it is kept with the run' })
      return reason
    },
    choice: (what, among) => ask(`${what} (${among.join(', ')}): `, `name the choice: ${among.join(', ')}`),
  }
}
