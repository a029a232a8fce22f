import { createHash } from 'node:crypto'
import { DrError, drError } from '../engine/errors.ts'
import type { Ask } from './asks.ts'
import { outside } from './authorise.ts'
import { plain } from './blocks.ts'
import { LARGEST_FILE_BYTES } from './files.ts'
import type { Front } from './front.ts'
import { type Shared, type SharedFile, shared } from './incoming.ts'
import { refusal } from './judge.ts'
import { cut } from './limits.ts'
import { runOfThread } from './posted.ts'

/** A message may bring a plan for each stack, and no flood. */
const MOST_FILES = 8

/**
 * Takes the Terraform plans that somebody puts into a run's thread, one work item for each, which a repeated delivery
 * does not double. All other talk is none of our business and is met by silence. Throws STORE_FAILED: Slack then
 * delivers the event again.
 */
export async function onMessage(front: Front, body: unknown): Promise<void> {
  const message = shared(body)
  if (!message || outside(front.deps.pins, message.caller)) return
  const runId = await runOfThread(front.deps.journal, message.channel, message.thread)
  if (runId === undefined) return
  for (const file of message.files.slice(0, MOST_FILES)) await take(front, message, file, runId)
}

async function take(front: Front, message: Shared, file: SharedFile, runId: string): Promise<void> {
  const { caller, channel, ts } = message
  const id = createHash('sha256').update(`${channel} ${ts} ${file.id}`).digest('hex')
  try {
    if (!/\.json$/i.test(file.name)) return await otherKind(front, message, file, id)
    const ask: Ask = {
      by: caller.user,
      channel,
      kind: 'scan',
      runId,
      file: { name: cut(file.name, 120), url: file.url, size: file.size },
      message: ts,
      ...planHash(message),
    }
    const run = await front.run(runId)
    const refused = refusal(ask, { plan: front.plan(run.proposal.plan), run, now: front.deps.now() })
    if (refused) throw refused
    if (file.size > LARGEST_FILE_BYTES) throw unusable(file, 'it is larger than 20 MB')
    await front.offer(id, ask)
  } catch (error) {
    const code = error instanceof DrError ? error.code : undefined
    if (code === 'STORE_FAILED') throw error
    if (code !== 'REQUEST_REPEATED') await tellOnce(front, message, id, error)
  }
}

/** What looks like a plan in another form is worth a word; pictures and logs are not. */
async function otherKind(front: Front, message: Shared, file: SharedFile, id: string): Promise<void> {
  if (!/terraform|tfplan|\bplan\b/i.test(file.name)) return
  await tellOnce(front, message, id, unusable(file, 'only .json files are read here'))
}

/** Tells whoever put it there, about one file once, however often Slack delivers it. */
async function tellOnce(front: Front, message: Shared, id: string, error: unknown): Promise<void> {
  const { journal } = front.deps
  const name = `slack-told:${id}`
  if (await journal.pointer(name)) return
  await journal.point(name, 'told')
  await front.tell(message.channel, message.caller.user, front.explain(error), message.thread)
}

const unusable = ({ name }: SharedFile, why: string) =>
  drError('FILE_UNUSABLE', { name: plain(cut(name, 80)), why })

/** The hash of the binary plan that a message with one file names, if it names one. */
function planHash({ text, files }: Shared): { planSha256?: string } {
  const [hash, ...others] = text.match(/\b[0-9a-f]{64}\b/gi) ?? []
  return hash && !others.length && files.length === 1 ? { planSha256: hash.toLowerCase() } : {}
}
