import { faultOf } from '../src/engine/errors.ts'

/** What a function's code is told beside the event. */
export type RuntimeContext = {
  readonly awsRequestId: string
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}
export type RuntimeHandler = (event: unknown, context: RuntimeContext) => Promise<unknown>

/** Before Lambda is asked again when it was not to be had, ms. */
const PAUSE_MS = 250

/**
 * Makes this process the runtime of a Lambda function: takes its invocations from the Runtime API at `address` (host and
 * port), side by side, until it is closed. What is under way then is not waited for: Lambda gives it to the next one.
 */
export function startRuntime(address: string, handler: RuntimeHandler): { close(): void } {
  const base = `http://${address}/2018-06-01/runtime/invocation`
  const ending = new AbortController()
  const { signal } = ending

  const carryOut = async (taken: Response): Promise<void> => {
    const header = (name: string) => taken.headers.get(`lambda-runtime-${name}`) ?? ''
    const requestId = header('aws-request-id')
    const deadline = Number(header('deadline-ms'))
    const report = (what: string, body: unknown) =>
      fetch(`${base}/${requestId}/${what}`, { method: 'POST', body: JSON.stringify(body), signal })
    try {
      const answer = await handler(await taken.json(), {
        awsRequestId: requestId,
        invokedFunctionArn: header('invoked-function-arn'),
        getRemainingTimeInMillis: () => deadline - Date.now(),
      })
      await report('response', answer)
    } catch (error) {
      if (signal.aborted) return
      const errorType = error instanceof Error ? error.name : 'Error'
      await report('error', { errorType, errorMessage: faultOf(error).message })
    }
  }

  const take = async (): Promise<void> => {
    while (!signal.aborted)
      try {
        const taken = await fetch(`${base}/next`, { signal })
        if (!taken.ok) throw new Error(`the Runtime API answered ${taken.status}`)
        carryOut(taken).catch(() => {})
      } catch {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
  }
  void take()
  return { close: () => ending.abort() }
}
