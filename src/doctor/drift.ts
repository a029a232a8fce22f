import type { Side } from '../flows/world.ts'
import { type Asking, asking } from './asking.ts'
import { driftOfDatabase } from './drift-database.ts'
import { driftOfDns } from './drift-dns.ts'
import { driftOfServices } from './drift-services.ts'
import { driftOfTraffic } from './drift-traffic.ts'
import type { Finding } from './finding.ts'
import type { Patient } from './place.ts'

/** Whether what each plan names is there, side by side; the same calls show what may be looked at. */
export async function drift(patient: Patient): Promise<readonly Finding[]> {
  const looks = patient.plans.plans.flatMap((plan) => {
    const asked = asking(patient, plan)
    return [...(['home', 'dr'] as const).flatMap((side) => ofSide(asked, side)), driftOfDns(asked)]
  })
  return (await Promise.all(looks)).flat()
}

const ofSide = (asked: Asking, side: Side) => [
  driftOfDatabase(asked, side),
  driftOfServices(asked, side),
  driftOfTraffic(asked, side),
]
