import { DurableExecutionApiClient, type DurableExecutionClient } from '@aws/durable-execution-sdk-js'
import {
  CallbackTimeoutException,
  DurableExecutionAlreadyStartedException,
  type ErrorObject,
  GetDurableExecutionCommand,
  InvalidParameterValueException,
  InvokeCommand,
  LambdaClient,
  LambdaServiceException,
  ListDurableExecutionsByFunctionCommand,
  type Execution as Listed,
  ResourceNotFoundException,
  SendDurableExecutionCallbackSuccessCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda'
import { drError } from '../engine/errors.ts'
import type { Execution, ExecutionStatus, FlowEngine } from '../engine/ports.ts'
import type { Answer } from '../engine/run.ts'
import { anotherInput, checkName, errorText } from './naming.ts'

export type LambdaEngineOptions = {
  /** See `lambdaClient`. */
  readonly client: LambdaClient
  /** Of the durable function: its qualified ARN, or `NAME:ALIAS`. */
  readonly alias: string
}

/**
 * A client with time limits for the engine; `endpoint` for rehearsals and tests. It tries again by itself, as everything
 * the engine sends may be sent twice: a start by its name, a stop of what is stopped, an answer that stands already.
 */
export function lambdaClient({ region, endpoint }: { region: string; endpoint?: string }): LambdaClient {
  return new LambdaClient({
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...(endpoint ? { endpoint } : {}),
  })
}

/** For `durableHandler`: keeps the operations with Lambda through that client instead of the SDK's own. */
export const operationsAt = (client: LambdaClient): DurableExecutionClient =>
  new DurableExecutionApiClient(client)

/**
 * Lambda durable functions: an execution is started, found and stopped under the run's id. What Lambda refuses is
 * ENGINE_REFUSED; where it gives no answer, ENGINE_UNREACHABLE.
 */
export class LambdaEngine implements FlowEngine {
  readonly #client: LambdaClient
  readonly #alias: string
  /** All versions: executions go on on the one they were started on, wherever the alias points by now. */
  readonly #function: string

  constructor({ client, alias }: LambdaEngineOptions) {
    const [, named] = /^((?:arn:[\w-]+:lambda:[a-z\d-]+:\d{12}:function:)?[\w-]+):[\w$-]+$/.exec(alias) ?? []
    if (!named)
      throw drError('CONFIG_INVALID', { faults: [`“${alias}” is not the alias of a Lambda function`] })
    this.#client = client
    this.#alias = alias
    this.#function = named
  }

  async start(name: string, input: Readonly<Record<string, unknown>>): Promise<Execution> {
    checkName(name)
    const invocation = new InvokeCommand({
      FunctionName: this.#alias,
      InvocationType: 'Event',
      DurableExecutionName: name,
      Payload: Buffer.from(canonical(input)),
    })
    const id = await asking('start the run', async () => {
      try {
        return (await this.#client.send(invocation)).DurableExecutionArn
      } catch (error) {
        if (error instanceof DurableExecutionAlreadyStartedException) throw anotherInput(name)
        throw error
      }
    })
    if (!id) throw drError('ENGINE_REFUSED', { what: 'start the run', why: `${this.#alias} is not durable` })
    return (await this.#described(id)) ?? { id, name, status: 'RUNNING' }
  }

  async get(name: string): Promise<Execution | undefined> {
    const listed = await this.#newest(name)
    if (!listed) return undefined
    const execution = shown(listed)
    const isWell = execution.status === 'RUNNING' || execution.status === 'SUCCEEDED'
    return isWell ? execution : ((await this.#described(execution.id)) ?? execution)
  }

  /** Newest first; what ended an execution is told by `get` only. */
  async list(status?: ExecutionStatus): Promise<readonly Execution[]> {
    const executions: Execution[] = []
    let Marker: string | undefined
    do {
      const page = await asking('list the runs', () =>
        this.#client.send(
          new ListDurableExecutionsByFunctionCommand({
            FunctionName: this.#function,
            ...(status ? { Statuses: [status] } : {}),
            ...(Marker ? { Marker } : {}),
          }),
        ),
      )
      executions.push(...(page.DurableExecutions ?? []).map(shown))
      Marker = page.NextMarker
    } while (Marker)
    return executions
  }

  async stop(name: string, why: string): Promise<void> {
    const listed = await this.#newest(name)
    if (listed?.Status !== 'RUNNING') return
    const { DurableExecutionArn } = listed
    const order = { DurableExecutionArn, Error: { ErrorType: 'Stopped', ErrorMessage: why } }
    await asking('stop the run', async () => {
      try {
        await this.#client.send(new StopDurableExecutionCommand(order))
      } catch (error) {
        if ((await this.#newest(name))?.Status === 'RUNNING') throw error
      }
    })
  }

  async answer(CallbackId: string, answer: Answer): Promise<boolean> {
    const what = 'hand the answer to the run'
    const Result = Buffer.from(JSON.stringify(answer))
    return asking(what, async () => {
      try {
        await this.#client.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result }))
        return true
      } catch (error) {
        if (!isGone(error)) throw error
        if ((error.$metadata.attempts ?? 1) === 1) return false
        // The answer that stands may be this one.
        throw drError(
          'ENGINE_UNREACHABLE',
          { what, why: 'what it answered to the first try was lost' },
          error,
        )
      }
    })
  }

  async #newest(DurableExecutionName: string): Promise<Listed | undefined> {
    const query = { FunctionName: this.#function, DurableExecutionName, MaxItems: 1 }
    const { DurableExecutions } = await asking('look for the run', () =>
      this.#client.send(new ListDurableExecutionsByFunctionCommand(query)),
    )
    return DurableExecutions?.[0]
  }

  /** Undefined: there is none, or not yet. */
  async #described(DurableExecutionArn: string): Promise<Execution | undefined> {
    return asking('look at the run', async () => {
      try {
        const found = await this.#client.send(new GetDurableExecutionCommand({ DurableExecutionArn }))
        return shown(found)
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined
        throw error
      }
    })
  }
}

/** The same text for the same input, in whatever order its keys are: Lambda compares texts. */
function canonical(input: unknown): string {
  return JSON.stringify(input, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

function shown(execution: Listed & { readonly Error?: ErrorObject | undefined }): Execution {
  const { DurableExecutionArn, DurableExecutionName, Status, Error: error } = execution
  return {
    id: DurableExecutionArn ?? '',
    name: DurableExecutionName ?? '',
    status: Status as ExecutionStatus,
    ...(error ? { error: errorText(error) } : {}),
  }
}

/** Nobody waits for that answer: somebody was first, its time is over, or its run is. */
const isGone = (error: unknown) =>
  error instanceof CallbackTimeoutException ||
  error instanceof ResourceNotFoundException ||
  error instanceof InvalidParameterValueException

async function asking<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const why = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replace(
      /\.$/,
      '',
    )
    if (error instanceof LambdaServiceException) {
      const status = error.$metadata.httpStatusCode ?? 500
      const isRefusal = status < 500 && status !== 429
      throw drError(isRefusal ? 'ENGINE_REFUSED' : 'ENGINE_UNREACHABLE', { what, why }, error)
    }
    if (isOfTheNetwork(error)) throw drError('ENGINE_UNREACHABLE', { what, why }, error)
    throw error
  }
}

/** Errors of sockets and time limits carry the SDK's count of tries; there may be no credentials to try with. */
const isOfTheNetwork = (error: unknown) =>
  error instanceof Error && ('$metadata' in error || error.name === 'CredentialsProviderError')
