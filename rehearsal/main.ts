import { DrError, faultOf } from '../src/engine/errors.ts'
import { bundledPage } from './console/bundle.ts'
import { parseFlags, usage } from './flags.ts'
import { stripEnvironment } from './isolation.ts'
import { type Rehearsal, rehearse } from './rehearse.ts'
import { COMMAND } from './slack/workspace.ts'

const tell = (sentence: string) => void process.stderr.write(`${sentence}\n`)

/** `npm start`: one rehearsal until it is told to end. Exit codes: 0 ended, 1 could not start, 2 wrong flags. */
async function main(): Promise<number> {
  const env = { ...process.env }
  stripEnvironment()
  const flags = parseFlags(process.argv.slice(2), env)
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const rehearsal = await rehearse(flags, tell)
  if (flags.json) process.stdout.write(`${JSON.stringify(rehearsal.contract)}\n`)
  else welcome(rehearsal, flags.workspace !== undefined)
  if (!flags.headless) void bundledPage()
  await ended
  await rehearsal.close()
  return 0
}

function welcome({ contract, scale }: Rehearsal, isWorkspace: boolean): void {
  const pace =
    scale === 0
      ? 'World time stands still until it is moved.'
      : `World time runs at ${scale}×: a minute there takes ${seconds(60 / scale)} here.`
  const where = isWorkspace
    ? `\n    Type   ${COMMAND} status   in ${contract.slack.channel} of your Slack`
    : ''
  tell(`
  Understudy rehearsal: two AWS regions and an incident channel, all of it simulated.

    Open   ${contract.console}${where}

  ${pace}
  State is kept in ${contract.stateDir}; Ctrl-C ends the rehearsal, and the next start goes on with it:
  the world as it was, an empty channel, and in it the runs that were under way.
`)
}

const seconds = (value: number) => `${Number(value.toPrecision(2))} s`

try {
  process.exitCode = await main()
} catch (error) {
  const fault = faultOf(error)
  const wrongFlags = error instanceof DrError && error.code === 'CONFIG_INVALID'
  tell([fault.message, fault.changed, fault.remedy, ...(wrongFlags ? ['', usage] : [])].join('\n'))
  process.exitCode = wrongFlags ? 2 : 1
}
