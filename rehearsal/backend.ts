import { drError } from '../src/engine/errors.ts'
import { serveRuntime } from './aws/runtime-api.ts'
import type { Simulation } from './aws/simulator.ts'
import { makeJournalTable, serveDynamo } from './dynamo.ts'
import type { BackendName } from './flags.ts'
import type { StateFolder } from './state.ts'

/** Where the bot keeps its journal and its runs are carried out. */
export type Backend = {
  /** Of the bot's environment. */
  readonly settings: NodeJS.ProcessEnv
  /** The same for a terminal, which reads the folder's description. */
  readonly places: { readonly journal: string; readonly engine?: string }
  /** Of AWS's services that the bot itself uses. */
  readonly endpoints: Readonly<Record<string, string>>
  /** To be told whenever the bot's process has ended. */
  botEnded(): void
  close(): Promise<void>
}

/** The bot lives where it fails over to. */
const REGION = 'us-west-2'
const TABLE = 'understudy-rehearsal'
const FUNCTION = { region: REGION, name: 'understudy-rehearsal-run', aliases: ['durable'] }
const YEAR_SECONDS = 366 * 86_400

/**
 * `local`: SQLite files in the state folder. `aws`: a DynamoDB that keeps its tables there, and the simulated Lambda, for
 * which the bot's process is the runtime of the function `run`; `regions` is where AWS answers. A state folder keeps to the one it began with: CONFIG_INVALID otherwise.
 */
export async function openBackend(
  wanted: BackendName | undefined,
  state: StateFolder,
  simulation: Simulation,
  regions: Readonly<Record<string, string>>,
): Promise<Backend> {
  if (chosen(wanted, state) === 'local') return localBackend(state.path('journal.db'))
  const dynamo = await serveDynamo(state.path('dynamodb'))
  await makeJournalTable(dynamo.endpoint, TABLE)
  const runtime = await serveRuntime()
  simulation.functions.deploy({
    ...FUNCTION,
    durable: { executionTimeoutSeconds: YEAR_SECONDS, retentionDays: 90 },
    invoke: runtime.invoke,
  })
  const journal = `dynamodb:${REGION}/${TABLE}`
  const engine = `lambda:${simulation.functions.arnOf(FUNCTION)}:durable`
  return {
    places: { journal, engine },
    settings: {
      UNDERSTUDY_JOURNAL: journal,
      UNDERSTUDY_ENGINE: engine,
      AWS_LAMBDA_RUNTIME_API: runtime.address,
    },
    endpoints: { dynamodb: dynamo.endpoint, lambda: regions[REGION] ?? '' },
    botEnded: runtime.crashed,
    async close() {
      simulation.functions.close()
      await runtime.close()
      await dynamo.close()
    },
  }
}

const localBackend = (journal: string): Backend => ({
  places: { journal },
  settings: { UNDERSTUDY_JOURNAL: journal },
  endpoints: {},
  botEnded() {},
  async close() {},
})

function chosen(wanted: BackendName | undefined, state: StateFolder): BackendName {
  const known = state.read<BackendName>('backend.json')
  if (known && wanted && known !== wanted)
    throw drError('CONFIG_INVALID', {
      faults: [
        `--backend: the runs of ${state.dir} are kept by “${known}”; choose that, or another --state-dir`,
      ],
    })
  const name = known ?? wanted ?? 'local'
  state.write('backend.json', name)
  return name
}
