import { logTo } from '../../slack/log.ts'
import { metricsTo } from '../runs/metrics.ts'

/** What we need of a Lambda invocation's context. */
export type Invocation = {
  readonly functionName: string
  readonly awsRequestId: string
  getRemainingTimeInMillis(): number
}

/**
 * Log and metrics of a Lambda function, one JSON line each, which say the function and the request they belong to:
 * `enter` begins a request. `service`: whose figures they are, among several bots in one account.
 */
export function linesOf(
  write: (line: string) => void,
  service = process.env.UNDERSTUDY_SERVICE ?? 'understudy',
) {
  let around = {}
  return {
    log: logTo(write, () => ({ time: new Date().toISOString(), ...around })),
    metrics: metricsTo(write, () => Date.now(), service),
    enter(invocation: Invocation | undefined) {
      around = invocation ? { function: invocation.functionName, request: invocation.awsRequestId } : {}
    },
  }
}
export type Lines = ReturnType<typeof linesOf>

/** To where Lambda takes logs from. */
export const standardOutput = (line: string): void => void process.stdout.write(`${line}\n`)

/** Opened when it is first asked for, and not before; what failed is tried again the next time. */
export function deferred<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => {
    opened ??= open().catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
}
