import { IAMClient } from '@aws-sdk/client-iam'
import type { Account } from '../aws/clients.ts'
import { guarded, type OwnPlace, ownConfig } from '../aws/own.ts'
import type { Patient } from './place.ts'

/** Whoever runs this, without any role. */
export const OWN: Account = { id: '' }

/** A region's place for a client that only looks. */
export const placeIn = (region: string, account: Account) =>
  ({ region, profile: 'probe', account, stsRegions: [region] }) as const

/** The settings of a client of one of the bot's own services, as whoever runs this. */
export function ownPlace({ endpoints }: Patient, service: string, region: string): OwnPlace {
  if (!endpoints) return { region }
  const endpoint = endpoints[service] ?? endpoints[region] ?? endpoints.shared
  return { region, ...(endpoint ? { endpoint } : {}) }
}

/** Makes a client that tries once, with the credentials of an account's role that the region's own STS gives. */
export function clientAs<C>(
  patient: Patient,
  Client: new (config: ReturnType<typeof ownConfig> & { credentials: never }) => C,
  { service, region, account = OWN }: { service: string; region: string; account?: Account },
): C {
  const place = ownPlace(patient, service, region)
  const { credentials } = patient.clients.of('sts', placeIn(region, account)).config
  return guarded(new Client({ ...ownConfig(place, 1), credentials: credentials as never }), place)
}

/** IAM has one home in each partition, wherever the caller is. */
export const iamRegion = (region: string): string => {
  if (region.startsWith('cn-')) return 'cn-north-1'
  return region.startsWith('us-gov-') ? 'us-gov-west-1' : 'us-east-1'
}

/** IAM as an account's role, or as whoever runs this. `via`: the region whose STS gives the role. */
export function iamClient(patient: Patient, via: string, account: Account = OWN): IAMClient {
  const region = iamRegion(via)
  const place = ownPlace(patient, 'iam', region)
  const { credentials } = patient.clients.of('sts', placeIn(via, account)).config
  return guarded(new IAMClient({ ...ownConfig(place, 1), credentials }), place)
}
