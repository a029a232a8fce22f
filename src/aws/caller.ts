import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { NodeHttpHandler } from '@smithy/node-http-handler'
import { drError } from '../engine/errors.ts'
import type { Clock } from '../engine/ports.ts'
import type { Clients } from './clients.ts'
import { limit } from './patience.ts'

/** A request of `sts:GetCallerIdentity` that its signer did not send: the header names that were signed, and no other. */
export type SignedCaller = {
  readonly region: string
  readonly headers: Readonly<Record<string, string>>
}

/** Whose credentials signed a request, as AWS says. */
export type Caller = { readonly account: string; readonly arn: string }

/** What a signature is bound to, so that it proves nothing else: a hash of what its signer asks for. */
const BOUND = 'x-understudy-ask'
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15'
/** As long as AWS takes a signature itself. */
const FRESH_MS = 15 * 60_000
const AHEAD_MS = 5 * 60_000
const PATIENCE_MS = 4_000
/** What a signature of such a request may cover. Nothing else is ever sent on for a stranger. */
const SIGNABLE: ReadonlySet<string> = new Set([
  ...['amz-sdk-invocation-id', 'amz-sdk-request', 'content-length', 'content-type', 'host', BOUND],
  ...['x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token', 'x-amz-user-agent'],
])

/** The one host that is asked who somebody is: it follows from the region, and from nothing that was sent. */
const hostOf = (region: string) => `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`

/**
 * Signs the question who the holder of these clients' credentials is, without sending it; `bound` (hex) is what it is
 * good for. The credentials are found as the SDK finds them; rejects with what it rejects with.
 */
export async function signCaller(
  clients: Clients,
  region: string,
  bound: string,
  people: Pick<Clock, 'now'>,
): Promise<SignedCaller> {
  const place = { region, profile: 'probe', account: { id: '' }, stsRegions: [region] } as const
  const client = clients.of('sts', place)
  // Signed by the clock that will judge its age.
  Object.assign(client.config, { systemClockOffset: people.now() - Date.now() })
  const command = new GetCallerIdentityCommand({})
  const kept: { request?: Signed } = {}
  const { middlewareStack } = command
  middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as Signed
      headers[BOUND] = bound
      return next(args)
    },
    { step: 'build', name: 'bindToAsk' },
  )
  middlewareStack.addRelativeTo(
    () => async (args: { readonly request: unknown }) => {
      kept.request = args.request as Signed
      return { output: { $metadata: {} }, response: undefined }
    },
    { name: 'keepSigned', relation: 'after', toMiddleware: 'httpSigningMiddleware' },
  )
  await client.send(command)
  if (!kept.request || kept.request.body !== BODY || kept.request.hostname !== hostOf(region))
    throw new Error('the SDK asks who its caller is in a way that is not known here')
  return { region, headers: signedOf(kept.request.headers) }
}

type Signed = { readonly hostname: string; readonly body: unknown; readonly headers: Record<string, string> }

/** The headers a signature covers, and the signature. */
function signedOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const authorization = lower.get('authorization') ?? ''
  const covered = coveredBy(authorization).map((name) => [name, lower.get(name) ?? ''])
  return { ...Object.fromEntries(covered), authorization }
}

const coveredBy = (authorization: string): string[] =>
  /SignedHeaders=([\w;-]+)/.exec(authorization)?.[1]?.split(';') ?? []

/**
 * Why a signed question proves nothing about what `bound` stands for, before anybody is asked; undefined when AWS may be
 * asked. `now`: people's time.
 */
export function faultOfSigned(
  { region, headers }: SignedCaller,
  bound: string,
  now: number,
): string | undefined {
  const { authorization = '' } = headers
  const covered = new Set(coveredBy(authorization))
  const scope = new RegExp(`^AWS4-HMAC-SHA256 Credential=\\w+/\\d{8}/${region}/sts/aws4_request, `)
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region) || !scope.test(authorization))
    return 'it is no signed question to the STS of a region'
  if (
    Object.keys(headers).some(
      (name) => name !== 'authorization' && !(covered.has(name) && SIGNABLE.has(name)),
    )
  )
    return 'it holds more than was signed'
  if (headers.host !== hostOf(region)) return 'it was signed for another host'
  if (headers[BOUND] !== bound) return 'it was signed for something else'
  const at = timeOf(headers['x-amz-date'] ?? '')
  if (Number.isNaN(at)) return 'it does not say when it was signed'
  if (at > now + AHEAD_MS) return 'it was signed in the future: compare the clocks'
  return now - at > FRESH_MS ? 'it was signed more than 15 minutes ago' : undefined
}

/** `20261121T030405Z`, in ms. */
const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

/**
 * Sends a signed question to the STS of its region and answers whose it was. Throws NOT_PROVEN where AWS refuses the
 * signature, UNREACHABLE where it does not answer.
 */
export async function askCaller(clients: Clients, { region, headers }: SignedCaller): Promise<Caller> {
  const { url, handler } = clients.carrier(region, `https://${hostOf(region)}`)
  const request = {
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port ? { port: Number(url.port) } : {}),
    method: 'POST',
    path: '/',
    query: {},
    headers: { ...headers },
    body: BODY,
  }
  const budget = { abortSignal: limit(clients.patience, PATIENCE_MS) }
  const { status, text } = await sent(handler, request, budget).catch((error) => {
    throw drError('UNREACHABLE', { service: 'STS', region, waitedMs: PATIENCE_MS }, error)
  })
  const said = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1]
  const [arn, account] = [said('Arn'), said('Account')]
  if (status === 200 && arn && account) return { arn, account }
  if (status >= 500) throw drError('UNREACHABLE', { service: 'STS', region, waitedMs: PATIENCE_MS })
  throw drError('NOT_PROVEN', {
    why: `AWS does not take the signature (${said('Code') ?? `HTTP ${status}`})`,
  })
}

type Handler = Pick<NodeHttpHandler, 'handle'>

async function sent(handler: unknown, request: object, budget: { readonly abortSignal: AbortSignal }) {
  const { response } = await (handler as Handler).handle(
    request as Parameters<Handler['handle']>[0],
    budget as Parameters<Handler['handle']>[1],
  )
  const body = response.body as Uint8Array | AsyncIterable<Uint8Array>
  const bytes: Uint8Array[] = []
  if (body instanceof Uint8Array) bytes.push(body)
  else for await (const chunk of body) bytes.push(chunk)
  return { status: response.statusCode, text: Buffer.concat(bytes).toString('utf8') }
}
