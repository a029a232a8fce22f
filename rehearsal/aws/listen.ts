import { startControl } from './control.ts'
import { type Endpoint, serveRegion } from './net.ts'
import { type OutageKind, places } from './outages.ts'
import type { Simulation } from './simulator.ts'
import type { Dispatcher } from './wire/dispatch.ts'

export type Listening = {
  /** All regions on one port, which the signature tells apart. */
  readonly url: string
  /** By region, and `aws-global` for Route 53. */
  readonly regions: Readonly<Record<string, string>>
  readonly control: string
  /** Lets a place's sockets show an outage. */
  show(place: string, kind: OutageKind | undefined): Promise<void>
  close(): Promise<void>
}

/** Opens all ports, or none. */
export async function listen(
  simulation: Simulation,
  dispatcher: Dispatcher,
  { port, controlPort = 0 }: { port: number; controlPort?: number },
): Promise<Listening> {
  const opened: { close(): Promise<void> }[] = []
  const open = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const endpoint = await opening
    opened.push(endpoint)
    return endpoint
  }
  const close = async () => {
    await Promise.all(opened.map((each) => each.close()))
  }
  try {
    const shared = await open(serveRegion({ port, dispatcher }))
    const own = new Map<string, Endpoint>()
    for (const region of places) own.set(region, await open(serveRegion({ region, port: 0, dispatcher })))
    const control = await open(startControl(simulation, controlPort))
    return {
      url: shared.url,
      regions: Object.fromEntries([...own].map(([place, { url }]) => [place, url])),
      control: control.url,
      show: async (place, kind) => {
        await Promise.all([shared.symptom(kind, { place }), own.get(place)?.symptom(kind)])
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
