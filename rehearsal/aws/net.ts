import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  createServer as createListener,
  type Server as Listener,
  type Socket,
} from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type BlackHole, openBlackHole } from './wire/black-hole.ts'
import type { Dispatcher } from './wire/dispatch.ts'
import { WireError } from './wire/failure.ts'
import { readRequest, sendResponse, type WireRequest } from './wire/http.ts'
import { scopeOf } from './wire/parse.ts'

/**
 * How an ill endpoint looks on the wire: `drop` = SYNs vanish; `mute` = accepts, never answers; `refuse` = nobody
 * listens; `reset` = hangs up on every request; `5xx` = 503 ServiceUnavailable; `slow` = answers late.
 */
export type Symptom = 'drop' | 'mute' | 'refuse' | 'reset' | '5xx' | 'slow'

export type SymptomOptions = {
  /** Of `slow`: how many milliseconds of the wall every answer takes longer; 2000 if not given. */
  ms?: number
  /** Of the shared port: whom it befalls, as `placeOf` says; everybody if not given. */
  place?: string
}

export type Endpoint = {
  readonly url: string
  readonly port: number
  /** Changes the behaviour on the same port, or heals it; resolves once it shows. Changes take effect one by one. */
  symptom(kind: Symptom | undefined, options?: SymptomOptions): Promise<void>
  /** Frees the port, whatever the symptom. */
  close(): Promise<void>
}

type Ailment = { readonly kind: Symptom; readonly ms: number }

const host = '127.0.0.1'
const slowMs = 2_000
/** A port that was let go of may be taken for a moment by somebody's outgoing connection. */
const listenForMs = 5_000

/**
 * Serves the simulated AWS on one port of this machine (0 picks one), with the socket behaviour of one region, or, when
 * no region is given, of all: then it is the signature that says which, and `drop` and `refuse` show as `mute`.
 */
export async function serveRegion(options: {
  region?: string
  port: number
  dispatcher: Dispatcher
}): Promise<Endpoint> {
  const door = new Door(options.dispatcher, options.region === undefined)
  await door.listen(options.port)
  return {
    url: `http://${host}:${door.port}`,
    port: door.port,
    symptom: (kind, { ms = slowMs, place = everywhere } = {}) => door.befall(place, kind && { kind, ms }),
    close: () => door.close(),
  }
}

const everywhere = '*'

/**
 * Whose symptoms a request to the shared port meets: those of the region it is signed for, but of `aws-global` when it
 * is for Route 53, which signs us-east-1 for all its clients.
 */
export function placeOf(request: WireRequest): string {
  const { region, signingName } = scopeOf(request)
  return signingName === 'route53' ? 'aws-global' : region
}

class Door {
  port = 0
  readonly #dispatcher: Dispatcher
  readonly #shared: boolean
  /** Speaks HTTP on the sockets that the listener accepts, and outlives listeners. */
  readonly #http: Server
  readonly #sockets = new Set<Socket>()
  /** Whom nobody answers. */
  readonly #waiting = new Map<Socket, WireRequest>()
  /** By place; of a region's own port only `everywhere` counts. */
  readonly #ailments = new Map<string, Ailment>()
  #listener: Listener | undefined
  #blackHole: BlackHole | undefined
  #changing: Promise<void> = Promise.resolve()

  constructor(dispatcher: Dispatcher, shared: boolean) {
    this.#dispatcher = dispatcher
    this.#shared = shared
    this.#http = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
      // The message loses its socket when the client goes away.
      const { socket } = message
      this.#answer(message, response, socket).catch(() => socket.destroy())
    })
  }

  async listen(port: number): Promise<void> {
    const listener = createListener((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        this.#waiting.delete(socket)
      })
      this.#http.emit('connection', socket)
    })
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject).listen(port, host, resolve)
    })
    this.#listener = listener
    this.port = (listener.address() as AddressInfo).port
  }

  befall(place: string, ailment: Ailment | undefined): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#shared && place !== everywhere)
        throw new Error(`This port is one region's; ${place} is not told apart.`)
      if (place === everywhere) this.#ailments.clear()
      if (ailment) this.#ailments.set(place, ailment)
      else this.#ailments.delete(place)
      if (!this.#shared) await this.#showOnSockets(ailment?.kind)
      this.#hangUpOnHealed()
    })
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#letGo()
      await this.#blackHole?.close()
      this.#blackHole = undefined
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(change)
    this.#changing = done.catch(() => {})
    return done
  }

  async #showOnSockets(kind: Symptom | undefined): Promise<void> {
    if (kind === 'drop') {
      this.#blackHole ??= await openBlackHole(host, this.port, () => this.#letGo())
      return
    }
    await this.#blackHole?.close()
    this.#blackHole = undefined
    if (kind === 'refuse') {
      this.#letGo()
      for (const socket of this.#sockets) socket.resetAndDestroy()
    } else if (!this.#listener) await this.#listenAgain()
  }

  #wait(socket: Socket, request: WireRequest): void {
    if (!socket.destroyed) this.#waiting.set(socket, request)
  }

  /** Who still waits for an answer from the dark would wait for ever. */
  #hangUpOnHealed(): void {
    for (const [socket, request] of this.#waiting)
      if (!isSilent(this.#ailmentOf(request))) socket.resetAndDestroy()
  }

  #letGo(): void {
    this.#listener?.close()
    this.#listener = undefined
  }

  async #listenAgain(): Promise<void> {
    const giveUp = Date.now() + listenForMs
    for (;;) {
      try {
        return await this.listen(this.port)
      } catch (error) {
        if (Date.now() > giveUp) throw error
        await setTimeout(50)
      }
    }
  }

  #ailmentOf(request: WireRequest): Ailment | undefined {
    const everyone = this.#ailments.get(everywhere)
    return this.#shared ? (this.#ailments.get(placeOf(request)) ?? everyone) : everyone
  }

  async #answer(message: IncomingMessage, response: ServerResponse, socket: Socket): Promise<void> {
    const request = await readRequest(message)
    const ailment = this.#ailmentOf(request)
    if (isSilent(ailment)) {
      this.#wait(socket, request)
      return
    }
    if (ailment?.kind === 'reset') {
      socket.resetAndDestroy()
      return
    }
    if (ailment?.kind === '5xx') {
      const error = new WireError('ServiceUnavailable', 'Service is unable to handle request.', 503)
      sendResponse(response, this.#dispatcher.refuse(request, error))
      return
    }
    if (ailment?.kind === 'slow') await setTimeout(ailment.ms)
    const answer = await this.#dispatcher.handle(request)
    // What was done before the region went dark stays done, but nobody hears of it any more.
    if (isSilent(this.#ailmentOf(request))) this.#wait(socket, request)
    else sendResponse(response, answer)
  }
}

/** No answer comes: on a port of its own a dropping or refusing region has no sockets that could ask, but old ones. */
function isSilent(ailment: Ailment | undefined): boolean {
  return ailment?.kind === 'drop' || ailment?.kind === 'mute' || ailment?.kind === 'refuse'
}
