import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

// Listens, then stops its own event loop for good: nobody accepts, the queue fills, and the kernel drops further SYNs.
// The port is taken over from another thread: 'open' comes once that has let go of it.
const { host, port } = workerData as { host: string; port: number }
const server = createServer()
server.on('error', (error: NodeJS.ErrnoException) => parentPort?.postMessage({ failed: error.code }))
server.on('listening', () => {
  parentPort?.postMessage('listening')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
parentPort?.on('message', () => server.listen({ host, port, backlog: 1 }))
parentPort?.postMessage('ready')
