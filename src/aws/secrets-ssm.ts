import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm'
import { guarded, ownConfig } from './own.ts'
import type { SecretPlace, SecretReader } from './secrets.ts'

const NAMES = ['signing-secret', 'bot-token', 'app-token'] as const

/** Reads the encrypted parameters PATH/signing-secret, PATH/bot-token and PATH/app-token; the last may be missing. */
export function parameterReader(place: SecretPlace): SecretReader {
  const client = guarded(new SSMClient(ownConfig(place)), place)
  const path = place.name.startsWith('/') ? place.name : `/${place.name}`
  return async () => {
    const wanted = NAMES.map((name) => `${path}/${name}`)
    const { Parameters = [] } = await client.send(
      new GetParametersCommand({ Names: wanted, WithDecryption: true }),
    )
    return Object.fromEntries(Parameters.map(({ Name = '', Value }) => [Name.slice(path.length + 1), Value]))
  }
}
