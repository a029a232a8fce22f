import { useState } from 'react'
import { Attach } from './attach.tsx'
import type { ChannelPicture } from './channel.tsx'
import { act } from './use-picture.ts'

const suggestions = [
  '/dr status',
  '/dr failover orders',
  '/dr failback orders',
  '/dr drill orders',
  '/dr history',
  '/dr help',
]

type Props = { channel: ChannelPicture; me: string; onChoose: (id: string) => void }

/** Who I am, the box a command is typed into, and the way to put a file into a thread. */
export function Composer({ channel, me, onChoose }: Props) {
  const { people } = channel
  const [line, setLine] = useState('')
  const [attaching, setAttaching] = useState(false)
  const send = (text: string) => {
    if (!text.trim()) return
    setLine('')
    void act('command', { as: me, line: text })
  }
  const person = people.find(({ id }) => id === me)
  return (
    <footer className="composer">
      <div className="cast" role="radiogroup" aria-label="Who I am">
        {people.map(({ id, name, part, handle }) => (
          <label key={id} className={id === me ? 'chosen' : ''} data-person={handle}>
            <input type="radio" name="me" checked={id === me} onChange={() => onChoose(id)} />
            <Avatar name={name} id={id} />
            <span>
              <b>{name}</b>
              <small>{part}</small>
            </span>
          </label>
        ))}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          send(line)
        }}
      >
        <button
          type="button"
          className="attach"
          aria-label="Attach a file"
          title="Attach a file to a thread"
          onClick={() => setAttaching(true)}
        >
          +
        </button>
        <input
          name="command"
          value={line}
          onChange={({ target }) => setLine(target.value)}
          placeholder={`Type a command as ${person?.name ?? 'somebody'}, such as /dr status`}
          autoComplete="off"
          spellCheck={false}
        />
        <button type="submit" disabled={!line.trim()}>
          Send
        </button>
      </form>
      <div className="suggestions">
        {suggestions.map((text) => (
          <button key={text} type="button" onClick={() => setLine(text)}>
            {text}
          </button>
        ))}
      </div>
      {attaching && <Attach channel={channel} me={me} onDone={() => setAttaching(false)} />}
    </footer>
  )
}

/** A person's initials in their own colour. */
export function Avatar({ name, id }: { name: string; id: string }) {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7)
  const initials = name.split(' ').map((word) => word[0])
  return (
    <i className="avatar" style={{ background: `hsl(${hue} 38% 46%)` }}>
      {initials}
    </i>
  )
}
