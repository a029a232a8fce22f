import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Message } from '../../slack/room.ts'
import type { ChannelPicture } from './channel.tsx'
import { useActs } from './use-picture.ts'

type Props = { channel: ChannelPicture; me: string; onDone: () => void }

const kinds = [
  { kind: 'no-op', words: 'changes nothing' },
  { kind: 'drift', words: 'what a failover leaves behind' },
  { kind: 'nasty', words: 'made before the failover, and dangerous now' },
] as const
const apps = ['orders', 'billing'] as const

/** Puts a file into a thread: a Terraform plan made for this world, or one of the reader's own. */
export function Attach({ channel, me, onDone }: Props) {
  const threads = threadsOf(channel)
  const [thread, setThread] = useState(threads[0]?.ts ?? '')
  const [choice, setChoice] = useState<string>('orders no-op')
  const [own, setOwn] = useState<File>()
  const { busy, fault, ask } = useActs()
  const first = useRef<HTMLSelectElement>(null)
  useEffect(() => first.current?.focus(), [])
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const [app, kind] = choice.split(' ')
    const file = own ? { name: own.name, content: await own.text() } : { app, kind }
    if (await ask('attach', { as: me, thread, file })) onDone()
  }
  return (
    <div className="veil">
      <form
        className="modal"
        role="dialog"
        aria-label="Attach a file"
        onKeyDown={({ key }) => key === 'Escape' && onDone()}
        onSubmit={send}
      >
        <header>
          <h2>Attach a file</h2>
        </header>
        <div className="fields">
          <label className="field">
            <span className="label">Into the thread of</span>
            <select
              ref={first}
              name="thread"
              value={thread}
              onChange={({ target }) => setThread(target.value)}
            >
              {threads.length === 0 && <option value="">There is no thread yet</option>}
              {threads.map((message) => (
                <option key={message.ts} value={message.ts}>
                  {headOf(message)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span className="label">A Terraform plan of this world</span>
            <select
              name="plan-file"
              value={choice}
              disabled={own !== undefined}
              onChange={({ target }) => setChoice(target.value)}
            >
              {apps.flatMap((app) =>
                kinds.map(({ kind, words }) => (
                  <option key={`${app} ${kind}`} value={`${app} ${kind}`}>
                    {app}: {words}
                  </option>
                )),
              )}
            </select>
          </label>
          <label className="field">
            <span className="label">
              Or a file of your own <small>(at most a megabyte)</small>
            </span>
            <input type="file" onChange={({ target }) => setOwn(target.files?.[0])} />
          </label>
          {fault && (
            <p className="error" role="alert">
              {fault}
            </p>
          )}
        </div>
        <footer>
          <button type="button" onClick={onDone}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={busy || !thread}>
            {busy ? 'Sending…' : 'Attach'}
          </button>
        </footer>
      </form>
    </div>
  )
}

/** What the bot said to the whole channel, newest first: a file goes under one of them. */
const threadsOf = ({ messages, botUser }: ChannelPicture) =>
  messages
    .filter(({ to, user, thread_ts, ts }) => !to && user === botUser && (!thread_ts || thread_ts === ts))
    .toReversed()

const headOf = ({ text }: Message) => (text.length > 90 ? `${text.slice(0, 89)}…` : text)
