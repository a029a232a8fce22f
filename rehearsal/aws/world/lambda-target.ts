import type { Deployed, Functions } from '../functions.ts'
import type { Call } from '../wire/service.ts'
import { absent, functionArn, invalid } from './lambda.ts'

/** A function, and the alias or version it was named with, if with any. */
export type Target = { readonly deployed: Deployed; readonly qualifier: string | undefined }

const named =
  /^(?:(?:arn:aws:lambda:([a-z\d-]+):)?(?:\d{12}:)?function:)?([\w-]{1,64})(?::([\w-]+|\$LATEST))?$/

/** The function that a name, a partial or a whole ARN names, and with which alias or version. */
export function target(
  functions: Functions,
  { region }: Call,
  given: string | undefined,
  apart: string | undefined,
): Target {
  const [, where = region, name = '', appended] = named.exec(given ?? '') ?? []
  if (!name) throw invalid(`Invalid function name: ${given}`)
  if (where !== region)
    throw invalid(`Functions from '${where}' are not reachable in this region ('${region}')`)
  if (apart && appended && apart !== appended)
    throw invalid('The derived qualifier from the function name does not match the specified qualifier.')
  const qualifier = apart ?? appended
  const deployed = functions.find(region, name)
  const arn = `${functionArn(region, name)}${qualifier ? `:${qualifier}` : ''}`
  if (!deployed || (qualifier && !['1', '$LATEST', ...deployed.aliases].includes(qualifier)))
    throw absent(`Function not found: ${arn}`)
  return { deployed, qualifier }
}
