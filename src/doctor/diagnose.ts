import { type ClientOptions, Clients } from '../aws/clients.ts'
import type { Clock } from '../engine/ports.ts'
import { examine } from './examine.ts'
import type { Finding } from './finding.ts'
import type { Configured } from './place.ts'

/** The bot as configured, and through what it is looked at. */
export type Diagnosis = Configured & {
  /** Of this process: `24.21.0`. */
  readonly node: string
  /** World time, and people's. */
  readonly clock: Pick<Clock, 'now'>
  readonly people: Pick<Clock, 'now'>
  /** A rehearsal's endpoints, and its keys where the SDK does not find them; absent: AWS's own. */
  readonly simulated?: Required<Pick<ClientOptions, 'endpoints'>> & Pick<ClientOptions, 'credentials'>
}

/** Everything that was found, in the order it is told; within about five seconds, whatever is dark. */
export async function diagnose(diagnosis: Diagnosis): Promise<readonly Finding[]> {
  const { clock: world, people, simulated } = diagnosis
  const clients = new Clients({ ...(simulated ? { ...simulated, allowForeignEndpoints: true } : {}), people })
  try {
    return await examine({
      ...diagnosis,
      clients,
      clocks: { world, people, patience: clients.patience },
      ...(simulated ? { endpoints: simulated.endpoints } : {}),
    })
  } finally {
    clients.close()
  }
}
