import { useState } from 'react'
import type { Picture } from '../picture.ts'
import { HardPart } from './hard-part.tsx'
import { useActs } from './use-picture.ts'

/** The buttons that break things and heal them. */
export function Faults({ picture }: { picture: Picture }) {
  const { busy, fault, ask } = useActs()
  const [open, setOpen] = useState(false)
  const { home, dr } = picture.regions
  const dark = home.outage !== undefined
  return (
    <div className="faults">
      <div className="row">
        <span>Break something</span>
        <button
          type="button"
          className="danger"
          disabled={dark || busy}
          onClick={() => ask('outage', { kind: 'drop' })}
        >
          Home goes dark
        </button>
        <button type="button" disabled={!dark || busy} onClick={() => ask('outage', {})}>
          Home comes back
        </button>
        <button type="button" disabled={!picture.bot.up || busy} onClick={() => ask('kill', {})}>
          Kill the worker
        </button>
        <button
          type="button"
          className="disclose"
          aria-expanded={open}
          aria-controls="hard-part"
          onClick={() => setOpen(!open)}
        >
          More
        </button>
      </div>
      {open && <HardPart menu={picture.menu} drDark={dr.outage !== undefined} busy={busy} ask={ask} />}
      {fault && (
        <p className="refused" role="alert">
          {fault}
        </p>
      )}
    </div>
  )
}
