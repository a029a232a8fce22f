import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'
import type { Usual } from '../engine/past.ts'
import { openQuestion, type Run } from '../engine/run.ts'
import { type BoardLine, boardOf, questionOf, SPIN_MS, type Tone } from './board.ts'
import { inTerminal } from './exits.ts'

/** Where lines go: a terminal that can be drawn on, or a pipe. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** Shows how a run fares. */
export type Screen = {
  show(run: Run, usual: Usual): void
  /** Leaves the last picture where it is. */
  done(): void
}

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  plain: 'reset',
  title: 'bold',
  quiet: 'dim',
  busy: 'cyan',
  good: 'green',
  warn: 'yellow',
  bad: 'red',
}

/** A line as this output shows it; without colour where nobody wants it (`NO_COLOR`), or it is not a terminal. */
export const shown = ({ text, tone }: BoardLine, output: Output): string =>
  styleText(STYLES[tone], text, { stream: output })

/** A board drawn in place on a terminal; on anything else a line for each thing that happens. */
export const screenOn = (output: Output, worldNow: () => number): Screen =>
  output.isTTY ? drawn(output, worldNow) : plain(output)

function drawn(output: Output, worldNow: () => number): Screen {
  const update = createLogUpdate(output as NodeJS.WriteStream)
  let last: { run: Run; usual: Usual } | undefined
  let turn = 0
  const draw = () => {
    if (!last) return
    const columns = output.columns || 100
    const lines = boardOf(last.run, { now: worldNow(), usual: last.usual, turn })
    update(lines.map((line) => shown({ ...line, text: line.text.slice(0, columns - 1) }, output)).join('\n'))
  }
  const timer = setInterval(() => {
    turn++
    draw()
  }, SPIN_MS)
  return {
    show(run, usual) {
      // A run that goes on as another one leaves its own picture standing.
      if (last && last.run.id !== run.id) update.done()
      last = { run, usual }
      draw()
    },
    done() {
      clearInterval(timer)
      draw()
      update.done()
    },
  }
}

/** What has not been said yet, a line each: steps as they change, questions. How it ended is said by whoever asked. */
function plain(output: Output): Screen {
  const said = new Set<string>()
  const say = (key: string, lines: readonly BoardLine[]) => {
    if (said.has(key)) return
    said.add(key)
    for (const { text } of lines) output.write(`${text}\n`)
  }
  return {
    show(run) {
      const { id, steps, proposal } = run
      say(id, [{ text: `${id}: ${proposal.title}`, tone: 'title' }])
      for (const { id: step, title, state, detail } of steps)
        if (state !== 'pending')
          say(`${id}:${step}:${state}:${detail}`, [
            { text: `  ${title}: ${state}${detail ? `: ${inTerminal(detail)}` : ''}`, tone: 'plain' },
          ])
      const question = openQuestion(run)
      if (question) say(`${id}:${question.id}`, questionOf(id, question))
    },
    done() {},
  }
}
