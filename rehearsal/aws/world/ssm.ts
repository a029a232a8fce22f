import type * as ssm from '@aws-sdk/client-ssm'
import { WireError } from '../wire/failure.ts'
import type { Handlers } from '../wire/service.ts'
import { accounts, type World } from './world.ts'

/** A parameter of one region. */
export type Parameter = { readonly region: string; readonly name: string; value: string; version: number }

/** Parameter Store, as far as secrets are kept in it: whoever does not ask for decryption is given what is no secret. */
export function ssmHandlers(world: World): Handlers<typeof ssm> {
  const found = (region: string, name = '') =>
    world.parameters?.find((each) => each.region === region && each.name === name)
  return {
    PutParameter: (input, { region }) => {
      const { Name: name = '', Value: value = '', Overwrite } = input
      if (name.includes('/') && !name.startsWith('/'))
        throw new WireError('ValidationException', 'Parameter name must be a fully qualified name.')
      const known = found(region, name)
      if (known && !Overwrite) throw new WireError('ParameterAlreadyExists', 'The parameter already exists.')
      if (known) Object.assign(known, { value, version: known.version + 1 })
      else world.parameters = [...(world.parameters ?? []), { region, name, value, version: 1 }]
      return { Version: known?.version ?? 1, Tier: 'Standard' }
    },
    GetParameters: ({ Names = [], WithDecryption }, { region }) => {
      if (Names.length > 10)
        throw new WireError('ValidationException', 'Member must have length less than or equal to 10')
      return {
        Parameters: Names.flatMap((name) => {
          const parameter = found(region, name)
          if (!parameter) return []
          return {
            Name: name,
            Type: 'SecureString' as const,
            Value: WithDecryption ? parameter.value : Buffer.from(`sealed ${name}`).toString('base64'),
            Version: parameter.version,
            ARN: `arn:aws:ssm:${region}:${accounts.workload}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
          }
        }),
        InvalidParameters: Names.filter((name) => !found(region, name)),
      }
    },
  }
}
