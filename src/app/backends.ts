import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { drError } from '../engine/errors.ts'
import type { Clock, FlowEngine } from '../engine/ports.ts'
import type { Log } from '../slack/log.ts'
import type { DurableRun } from './compose.ts'
import type { Config } from './config.ts'
import { type OpenJournal, openJournal } from './journals.ts'
import { lambdaEngineAt } from './own-lambda.ts'

/** An engine; one whose runs live in this process also takes up what it finds, and ends with it. */
export type OpenEngine = FlowEngine & { recover?(): void; close?(): Promise<void> }

/** What `compose` and `openServing` are given: an open journal, and the engine that is made for a run's handler. */
export type OpenBackends = {
  readonly journal: OpenJournal
  readonly clock: Clock
  readonly people: Clock
  readonly log: Log
  readonly engine: (run: DurableRun) => OpenEngine
}

type Given = {
  /** World time, and people's; on AWS the same. */
  readonly clock: Clock
  readonly people: Clock
  readonly log: Log
}

/**
 * The one switch from a configuration to its backends: SQLite or DynamoDB, the local engine or AWS Lambda. What is not
 * wanted is not loaded. Throws CONFIG_INVALID where no engine is named and none can be beside the journal.
 */
export async function openBackends(config: Config, given: Given): Promise<OpenBackends> {
  const engine = await engineFor(config, given)
  return { ...given, journal: await openJournal(config, given), engine }
}

async function engineFor(
  { engine: at, endpoints }: Config,
  { clock, log }: Given,
): Promise<(run: DurableRun) => OpenEngine> {
  if (!at)
    throw drError('CONFIG_INVALID', {
      faults: [
        'UNDERSTUDY_ENGINE is not set, and beside a journal in DynamoDB there is no place for a local one',
      ],
    })
  if (at.kind === 'lambda') {
    const engine = await lambdaEngineAt(at, endpoints)
    return () => engine
  }
  const [{ LocalEngine }, { durableHandler }] = await Promise.all([
    import('../durable/local-engine.ts'),
    import('../durable/host.ts'),
  ])
  // Several bots may share one journal: each run is carried out by the engine that opens it first.
  const host = `bot-${hostname()}-${randomUUID().slice(0, 8)}`
  const onBreak = (execution: string, error: unknown) =>
    log('warn', 'an invocation broke off and is tried again', { execution, error })
  return (run) =>
    new LocalEngine({
      file: at.file,
      host,
      clock,
      handler: (client) => durableHandler(run, { client }),
      onBreak,
    })
}
