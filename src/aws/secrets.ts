import type { OwnPlace } from './own.ts'

/** Reads the Slack secrets: `signing-secret`, `bot-token`, `app-token`, as far as they are there. */
export type SecretReader = () => Promise<Readonly<Record<string, string | undefined>>>

export type SecretPlace = OwnPlace & { readonly kind: 'ssm' | 'secretsmanager'; readonly name: string }

/** A reader of parameters below a path of Parameter Store, or of one JSON object in Secrets Manager. */
export async function secretReader(place: SecretPlace): Promise<SecretReader> {
  if (place.kind === 'ssm') return (await import('./secrets-ssm.ts')).parameterReader(place)
  return (await import('./secrets-manager.ts')).secretsManagerReader(place)
}
