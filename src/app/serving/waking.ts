import type { Invoke } from '../../aws/own-lambda.ts'
import type { Config } from '../config.ts'

/** What the worker can be asked: to look for work, or to watch the customers of a run. */
export type Wish = { readonly wake: true } | { readonly probe: string }

/**
 * The way to have the worker run, without waiting for it; undefined where none is named. Rejects when Lambda did not take
 * it: whatever is waiting is found later all the same.
 */
export function workerOf({ worker, endpoints }: Config): ((wish: Wish) => Promise<void>) | undefined {
  if (worker === undefined) return undefined
  const place = endpoints?.lambda ? { endpoint: endpoints.lambda } : {}
  let invoke: Promise<Invoke> | undefined
  return async (wish) => {
    invoke ??= import('../../aws/own-lambda.ts').then(({ invoker }) => invoker(place))
    await (await invoke)(worker, wish)
  }
}
