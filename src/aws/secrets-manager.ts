import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { guarded, ownConfig } from './own.ts'
import type { SecretPlace, SecretReader } from './secrets.ts'

/** Reads one secret: a JSON object with the keys signing-secret, bot-token and app-token. */
export function secretsManagerReader(place: SecretPlace): SecretReader {
  const client = guarded(new SecretsManagerClient(ownConfig(place)), place)
  return async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: place.name }))
    const secret = objectOf(SecretString ?? '')
    if (!secret) throw new Error(`the secret ${place.name} is not a JSON object`)
    return Object.fromEntries(
      Object.entries(secret).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
  }
}

/** A parser's complaint would quote what it could not read. */
function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
