import { drError } from '../engine/errors.ts'
import { plain } from './blocks.ts'

/** No plan of a few stacks is larger, and what is larger would not fit into the worker's memory beside the rest. */
export const LARGEST_FILE_BYTES = 20 * 1024 * 1024
const PATIENCE_MS = 15_000
const SLACKS_OWN = 'https://files.slack.com'

/** Where files may be read, and as whom. `apiUrl`: of a Slack that is not Slack's own, which serves its files too. */
export type FileSource = {
  readonly token: string
  readonly apiUrl?: string
  readonly fetch?: typeof fetch
  readonly patienceMs?: number
}

/**
 * The text of a private file of Slack. The token goes to Slack's own host and nowhere else: an address elsewhere, and
 * every redirect, is refused. Bounded in size and time. Throws FILE_UNUSABLE.
 */
export async function readFile(
  { name, url }: { readonly name: string; readonly url: string },
  source: FileSource,
): Promise<string> {
  const refuse = (why: string, cause?: unknown) => drError('FILE_UNUSABLE', { name: plain(name), why }, cause)
  const home = new URL(source.apiUrl ?? SLACKS_OWN).origin
  if (!URL.canParse(url) || new URL(url).origin !== home) throw refuse('it is not kept by Slack itself')
  let bytes: Uint8Array | string
  try {
    bytes = await download(url, source)
  } catch (error) {
    throw refuse('Slack did not hand it over in time', error)
  }
  if (typeof bytes === 'string') throw refuse(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw refuse('it is not text in UTF-8', error)
  }
}

/** The bytes, or why there are none. */
async function download(url: string, source: FileSource): Promise<Uint8Array | string> {
  const response = await (source.fetch ?? fetch)(url, {
    headers: { authorization: `Bearer ${source.token}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(source.patienceMs ?? PATIENCE_MS),
  })
  const why = whyNot(response)
  if (why || !response.body) {
    await response.body?.cancel()
    return why ?? 'it is empty'
  }
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body) {
    size += part.length
    if (size > LARGEST_FILE_BYTES) return 'it is larger than 20 MB'
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function whyNot({ status, headers }: Response): string | undefined {
  if (status >= 300 && status < 400) return 'Slack sent us elsewhere for it'
  if (status !== 200) return `Slack answered ${status}`
  // A bot without files:read is shown the page on which people log in.
  if (headers.get('content-type')?.startsWith('text/html'))
    return 'Slack showed a page instead of it: the app may lack the scope files:read'
  return Number(headers.get('content-length') ?? 0) > LARGEST_FILE_BYTES
    ? 'it is larger than 20 MB'
    : undefined
}
