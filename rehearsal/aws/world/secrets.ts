import * as secretsManager from '@aws-sdk/client-secrets-manager'
import type { Handlers } from '../wire/service.ts'
import { hex } from './random.ts'
import { accounts, type World } from './world.ts'

/** A secret of one region. */
export type Secret = { readonly region: string; readonly name: string; text: string; version: number }

/** Secrets Manager, as far as one current text is kept under a name. */
export function secretsHandlers(world: World): Handlers<typeof secretsManager> {
  const find = (region: string, id = '') => {
    const found = world.secrets?.find(
      (each) => each.region === region && [each.name, arnOf(each)].includes(id),
    )
    if (found) return found
    const message = "Secrets Manager can't find the specified secret."
    throw new secretsManager.ResourceNotFoundException({ message, $metadata: {} })
  }
  return {
    CreateSecret: ({ Name: name = '', SecretString: text = '' }, { region }) => {
      const secret = { region, name, text, version: 1 }
      world.secrets = [...(world.secrets ?? []), secret]
      return { ARN: arnOf(secret), Name: name, VersionId: versionOf(secret) }
    },
    PutSecretValue: ({ SecretId, SecretString = '' }, { region }) => {
      const secret = find(region, SecretId)
      Object.assign(secret, { text: SecretString, version: secret.version + 1 })
      return { ARN: arnOf(secret), Name: secret.name, VersionId: versionOf(secret) }
    },
    GetSecretValue: ({ SecretId }, { region }) => {
      const secret = find(region, SecretId)
      const { name, text } = secret
      return { ARN: arnOf(secret), Name: name, SecretString: text, VersionId: versionOf(secret) }
    },
  }
}

const arnOf = ({ region, name }: Pick<Secret, 'region' | 'name'>) =>
  `arn:aws:secretsmanager:${region}:${accounts.workload}:secret:${name}-${hex(`secret/${name}`, 6)}`
const versionOf = ({ name, version }: Secret) => hex(`secret/${name}/${version}`, 32)
