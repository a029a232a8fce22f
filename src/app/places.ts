/** Where the journal is. */
export type JournalAt =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'dynamodb'; readonly region: string; readonly table: string }

/** Where runs are carried out. `alias`: a qualified ARN, or NAME:ALIAS. */
export type EngineAt =
  | { readonly kind: 'local'; readonly file: string }
  | { readonly kind: 'lambda'; readonly alias: string; readonly region: string }

/** Where the Slack secrets are: given, or the address of a store that is read when they are needed. */
export type SecretsAt =
  | {
      readonly kind: 'given'
      readonly signing: readonly string[]
      readonly token: string
      readonly appToken?: string
    }
  | { readonly kind: 'ssm' | 'secretsmanager'; readonly region: string; readonly name: string }

const REGION = '[a-z]{2}(?:-[a-z]+)+-\\d'
const DYNAMODB = new RegExp(`^dynamodb:(${REGION})/([\\w.-]{3,255})$`)
const LAMBDA = new RegExp(
  `^lambda:((?:arn:aws[\\w-]*:lambda:(${REGION}):\\d{12}:function:)?[\\w-]{1,64}:[\\w-]{1,128})$`,
)
const STORE = new RegExp(`^(ssm|secretsmanager):(${REGION})/([\\w./+=@-]{1,512})$`)

/** `dynamodb:REGION/TABLE`, or else a file. What cannot be either is added to the faults. */
export function journalAt(value: string, faults: string[]): JournalAt | undefined {
  if (!value.startsWith('dynamodb:')) return { kind: 'sqlite', file: value }
  const [, region, table] = DYNAMODB.exec(value) ?? []
  if (region && table) return { kind: 'dynamodb', region, table }
  faults.push('UNDERSTUDY_JOURNAL: not of the form dynamodb:REGION/TABLE')
  return undefined
}

/** `lambda:` and a durable function's alias; where that names no region, it is in `here`. */
export function engineAt(value: string, here: string | undefined, faults: string[]): EngineAt | undefined {
  const [, alias, named] = LAMBDA.exec(value) ?? []
  const region = named ?? here
  if (alias && region) return { kind: 'lambda', alias, region }
  faults.push(`UNDERSTUDY_ENGINE: ${alias ? 'names no region' : 'not of the form lambda:ALIAS_ARN'}`)
  return undefined
}

const GIVEN = ['SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'] as const

/** The Slack secrets themselves or the address of their store: exactly one of the two. */
export function secretsAt(
  env: Readonly<Record<string, string | undefined>>,
  faults: string[],
): SecretsAt | undefined {
  const address = env.UNDERSTUDY_SECRETS
  if (address !== undefined) {
    for (const name of GIVEN.filter((name) => env[name] !== undefined))
      faults.push(`${name} is set, and so is UNDERSTUDY_SECRETS: only one of them may be`)
    const [, kind, region, name] = STORE.exec(address) ?? []
    if (kind && region && name) return { kind: kind as 'ssm' | 'secretsmanager', region, name }
    faults.push('UNDERSTUDY_SECRETS: not of the form ssm:REGION/PATH or secretsmanager:REGION/NAME')
    return undefined
  }
  const { SLACK_SIGNING_SECRET, SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken } = env
  // Over Socket Mode nothing is signed.
  if (SLACK_SIGNING_SECRET === undefined && appToken === undefined)
    faults.push('SLACK_SIGNING_SECRET is not set, nor is UNDERSTUDY_SECRETS')
  if (token === undefined) faults.push('SLACK_BOT_TOKEN is not set, nor is UNDERSTUDY_SECRETS')
  if (token === undefined) return undefined
  const signing = (SLACK_SIGNING_SECRET ?? '').split(',').map((secret) => secret.trim())
  return { kind: 'given', signing: signing.filter(Boolean), token, ...(appToken ? { appToken } : {}) }
}
