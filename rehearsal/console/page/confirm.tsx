import type { ConfirmationDialog } from '@slack/types'
import { useEffect, useRef } from 'react'

type Props = { confirm: ConfirmationDialog; onConfirm: () => void; onDeny: () => void }

/** Slack's “are you sure”, for the buttons that carry one. */
export function Confirm({ confirm, onConfirm, onDeny }: Props) {
  const safe = useRef<HTMLButtonElement>(null)
  useEffect(() => safe.current?.focus(), [])
  return (
    <div className="veil">
      <div
        className="modal small"
        role="alertdialog"
        aria-label={confirm.title?.text ?? 'Are you sure?'}
        onKeyDown={({ key }) => key === 'Escape' && onDeny()}
      >
        <header>
          <h2>{confirm.title?.text ?? 'Are you sure?'}</h2>
        </header>
        <div className="fields">
          <p>{confirm.text.text}</p>
        </div>
        <footer>
          <button ref={safe} type="button" onClick={onDeny}>
            {confirm.deny?.text ?? 'Cancel'}
          </button>
          <button
            type="button"
            className={confirm.style === 'danger' ? 'danger' : 'primary'}
            onClick={onConfirm}
          >
            {confirm.confirm?.text ?? 'Yes'}
          </button>
        </footer>
      </div>
    </div>
  )
}
