import { AsyncLocalStorage } from 'node:async_hooks'
import type { RDSClient } from '@aws-sdk/client-rds'
import type { PlannedCall } from '../engine/run.ts'

export type RecordedCall = Omit<PlannedCall, 'step'>

const records = new AsyncLocalStorage<RecordedCall[]>()
const reads = /^(Describe|List|Get|BatchGet|Test|Assume)/

/**
 * Runs an act as a dry run: what it would change through AWS is captured and answered with nothing, what it reads is
 * really read. Answers the calls in order. Rejects with what the act rejects with.
 */
export async function recordCalls(act: () => Promise<unknown>): Promise<readonly RecordedCall[]> {
  const calls: RecordedCall[] = []
  await records.run(calls, act)
  return calls
}

type Client = { readonly middlewareStack: unknown; readonly config: { readonly serviceId: string } }

/** Makes a client's changes recordable. */
export function recording(client: Client, region: string): void {
  const service = client.config.serviceId
  // Clients differ in the types of their commands only, and this looks at none of them.
  const stack = client.middlewareStack as RDSClient['middlewareStack']
  stack.add(
    (next, context) => async (args) => {
      const calls = records.getStore()
      const operation = String(context.commandName).replace(/Command$/, '')
      if (!calls || reads.test(operation)) return next(args)
      const input = args.input as unknown as PlannedCall['input']
      calls.push({ service, operation, region, input })
      return { output: { $metadata: {} }, response: undefined }
    },
    { step: 'initialize', name: 'recordChanges', priority: 'high' },
  )
}
