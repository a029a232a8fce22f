/** More turns than any file of this machine takes; nothing waits for ever. */
const MOST_TURNS = 20_000

/**
 * Long enough for every promise that waits for nothing but this process and its files: a clock that is moved by hand may
 * be moved then. An SDK client that is used for the first time reads configuration files, however slow the disk is.
 */
export async function quiet(turns = 4): Promise<void> {
  for (let calm = 0, turn = 0; calm < turns && turn < MOST_TURNS; turn++) {
    await new Promise((next) => setImmediate(next))
    calm = isReading() ? 0 : calm + 1
  }
}

const isReading = (): boolean =>
  process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq') || name === 'CloseReq')
