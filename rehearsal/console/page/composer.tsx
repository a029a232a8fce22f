import { useState } from 'react'
import type { Person } from '../../slack/cast.ts'
import { act } from './use-picture.ts'

const suggestions = ['/dr status', '/dr status orders', '/dr failover orders', '/dr runs', '/dr help']

/** Who I am, and the box a command is typed into. */
export function Composer(props: { people: readonly Person[]; me: string; onChoose: (id: string) => void }) {
  const { people, me, onChoose } = props
  const [line, setLine] = useState('')
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
