import { connect, type Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

export type BlackHole = { close(): Promise<void> }

/** Connections that fill the accept queue: Linux takes two for a backlog of one, others a few more. */
const mostFillers = 16
/** A connection on loopback is made at once or not at all. */
const fullAfterMs = 100

/**
 * A port of this machine at which SYNs vanish, as they do on the way to a dead region: a client sees neither a
 * connection nor a refusal. `release` is called when the port is to be let go by whoever has it now. Rejects when the
 * port cannot be had. It needs no privileges.
 */
export async function openBlackHole(host: string, port: number, release: () => void): Promise<BlackHole> {
  const worker = new Worker(new URL('./black-hole-worker.ts', import.meta.url), {
    workerData: { host, port },
  })
  worker.unref()
  const fillers: Socket[] = []
  const close = async () => {
    for (const filler of fillers) filler.destroy()
    await worker.terminate()
  }
  try {
    await message(worker, 'ready')
    release()
    worker.postMessage('open')
    await message(worker, 'listening')
    await fill(fillers, host, port)
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

function message(worker: Worker, expected: string): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (got: unknown) => {
      worker.off('error', reject)
      if (got === expected) resolve()
      else reject(new Error(`The black hole cannot open: ${JSON.stringify(got)}.`))
    })
  })
}

/** Connects until a connection no longer comes about. */
async function fill(fillers: Socket[], host: string, port: number): Promise<void> {
  while (fillers.length < mostFillers) {
    const filler = connect(port, host).on('error', () => {})
    filler.unref()
    fillers.push(filler)
    if (!(await connects(filler))) return
  }
  throw new Error(`The black hole at ${host}:${port} keeps taking connections.`)
}

async function connects(socket: Socket): Promise<boolean> {
  const made = new Promise<true>((resolve) => socket.once('connect', () => resolve(true)))
  // After the timer one turn of the loop, so that a connection made while this thread was busy is seen.
  const given = setTimeout(fullAfterMs).then(() => setImmediate(false))
  return Promise.race([made, given])
}
