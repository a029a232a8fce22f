import type { InputBlock, KnownBlock } from '@slack/types'
import { useState } from 'react'
import type { Desk } from '../../slack/room.ts'
import type { ChannelPicture } from './channel.tsx'
import { Field } from './field.tsx'
import { SlackBlocks } from './message.tsx'
import { act } from './use-picture.ts'

/** What was typed or chosen, by block and action id, as Slack's `view.state.values`. */
export type Values = Record<string, Record<string, unknown>>

/** The modal a person has open, with Slack's own frame drawn by us. */
export function Modal({ desk, me, channel }: { desk: Desk; me: string; channel: ChannelPicture }) {
  const { view, errors } = desk
  const blocks = view.blocks as KnownBlock[]
  const [values, setValues] = useState<Values>(() => initialValues(blocks))
  const [sending, setSending] = useState(false)
  const put = (block: string, action: string, value: unknown) =>
    setValues((before) => ({ ...before, [block]: { ...before[block], [action]: value } }))
  const submit = async () => {
    setSending(true)
    await act('submit', { as: me, values })
    setSending(false)
  }
  const title = ('title' in view && view.title?.text) || ''
  return (
    <div className="veil">
      <form
        className="modal"
        role="dialog"
        aria-label={title}
        onKeyDown={({ key }) => key === 'Escape' && act('close', { as: me })}
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <header>
          <i className="avatar bot">U</i>
          <h2>{title}</h2>
          <button type="button" className="x" aria-label="Close" onClick={() => act('close', { as: me })}>
            ×
          </button>
        </header>
        <div className="fields">
          {runsOf(blocks).map((run) =>
            run.input ? (
              <Field key={run.id} block={run.input} error={errors[run.id]} values={values} onPut={put} />
            ) : (
              <SlackBlocks key={run.id} blocks={run.blocks} channel={channel} />
            ),
          )}
        </div>
        <footer>
          <button type="button" onClick={() => act('close', { as: me })}>
            {('close' in view && view.close?.text) || 'Cancel'}
          </button>
          {'submit' in view && view.submit && (
            <button type="submit" className="primary" disabled={sending}>
              {sending ? 'Sending…' : view.submit.text}
            </button>
          )}
        </footer>
      </form>
    </div>
  )
}

type Run = { id: string; input?: InputBlock; blocks: KnownBlock[] }

/** Inputs one by one, and what stands between them together. */
function runsOf(blocks: readonly KnownBlock[]): Run[] {
  const runs: Run[] = []
  for (const [index, block] of blocks.entries()) {
    const last = runs.at(-1)
    if (block.type === 'input')
      runs.push({ id: block.block_id ?? `input-${index}`, input: block, blocks: [] })
    else if (last && !last.input) last.blocks.push(block)
    else runs.push({ id: `blocks-${index}`, blocks: [block] })
  }
  return runs
}

function initialValues(blocks: readonly KnownBlock[]): Values {
  const values: Values = {}
  for (const block of blocks)
    if (block.type === 'input' && block.block_id)
      values[block.block_id] = { [block.element.action_id ?? '']: startOf(block.element) }
  return values
}

/** An input nobody has touched. */
function startOf(element: InputBlock['element']) {
  const { type } = element
  if (type === 'plain_text_input') return { type, value: element.initial_value ?? null }
  if (type === 'checkboxes') return { type, selected_options: element.initial_options ?? [] }
  return 'initial_option' in element ? { type, selected_option: element.initial_option ?? null } : { type }
}
