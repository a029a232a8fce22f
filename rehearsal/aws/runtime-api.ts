import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Invocation } from './functions.ts'

type Pending = Invocation & { answer(body: string): void; fail(error: Error): void; late?: NodeJS.Timeout }

export type RuntimeApi = {
  /** What `AWS_LAMBDA_RUNTIME_API` says to the function's process: host and port. */
  readonly address: string
  /** Waits until the process asks for work and has done it; rejects when it told an error, ended, or took too long. */
  readonly invoke: (invocation: Invocation) => Promise<string>
  /** The process has ended: nothing it was at will be answered. What it had not begun waits for the next one. */
  crashed(): void
  close(): Promise<void>
}

const version = '/2018-06-01/runtime'

/**
 * The Lambda Runtime API of one function, on a port of this machine: for code in a process of its own, which asks
 * `invocation/next` and is given work as it comes, several at a time if it asks while it is at work. An invocation may
 * take `timeoutMs` of people's time.
 */
export async function serveRuntime({ timeoutMs = 900_000 } = {}): Promise<RuntimeApi> {
  const runtime = new Runtime(timeoutMs)
  const server = createServer((request, response) => {
    runtime.handle(request, response).catch(() => response.destroy())
  })
  // Who waits for work waits long.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke: (invocation) => runtime.invoke(invocation),
    crashed: () => runtime.crashed(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

class Runtime {
  readonly #timeoutMs: number
  /** Who asks for work. */
  #waiting: ServerResponse[] = []
  #queue: Pending[] = []
  /** Begun, by request. */
  readonly #begun = new Map<string, Pending>()

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  invoke(invocation: Invocation): Promise<string> {
    return new Promise((answer, fail) => {
      this.#queue.push({ ...invocation, answer, fail })
      this.#handOut()
    })
  }

  crashed(): void {
    for (const invocation of this.#begun.values()) this.#lose(invocation, 'Runtime exited')
    this.#waiting = []
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    if (request.method === 'GET' && path === `${version}/invocation/next`) return this.#next(response)
    const [, id = '', what] =
      new RegExp(`^${version}/invocation/([\\w-]+)/(response|error)$`).exec(path) ?? []
    const isReport = request.method === 'POST' && (what || path === `${version}/init/error`)
    if (!isReport) return tell(response, 404, { errorType: 'NotFound', errorMessage: path })
    const body = await textOf(request)
    const begun = this.#begun.get(id)
    if (what && !begun)
      return tell(response, 400, { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' })
    this.#begun.delete(id)
    clearTimeout(begun?.late)
    if (what === 'response') begun?.answer(body)
    else begun?.fail(errorOf(body))
    return tell(response, 202, { status: 'OK' })
  }

  #next(response: ServerResponse): void {
    this.#waiting.push(response)
    response.on('close', () => {
      this.#waiting = this.#waiting.filter((each) => each !== response)
    })
    this.#handOut()
  }

  #handOut(): void {
    while (this.#queue.length && this.#waiting.length) {
      const invocation = this.#queue.shift() as Pending
      if (invocation.isWanted()) this.#give(this.#waiting.shift() as ServerResponse, invocation)
      else invocation.fail(new Error('Nobody needs it any more'))
    }
  }

  #give(response: ServerResponse, invocation: Pending): void {
    const { requestId, functionArn, payload } = invocation
    this.#begun.set(requestId, invocation)
    const late = `Task timed out after ${this.#timeoutMs / 1000} seconds`
    invocation.late = setTimeout(() => this.#lose(invocation, late), this.#timeoutMs)
    response.on('close', () => {
      if (!response.writableFinished) this.#lose(invocation, 'Runtime exited')
    })
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + this.#timeoutMs),
      'lambda-runtime-invoked-function-arn': functionArn,
    })
    response.end(payload)
  }

  #lose(invocation: Pending, why: string): void {
    clearTimeout(invocation.late)
    if (this.#begun.delete(invocation.requestId)) invocation.fail(new Error(why))
  }
}

function tell(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** More than Lambda takes of an answer. */
const longest = 8 * 2 ** 20

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > longest) throw new Error('The answer is too long.')
  }
  return text
}

function errorOf(body: string): Error {
  const { errorType = 'Error', errorMessage = body } = JSON.parse(body || '{}')
  return Object.assign(new Error(String(errorMessage)), { name: String(errorType) })
}
