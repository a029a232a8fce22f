import type { InputBlock, Option } from '@slack/types'
import type { Values } from './modal.tsx'

type Props = {
  block: InputBlock
  error: string | undefined
  values: Values
  onPut: (block: string, action: string, value: unknown) => void
}

/** One input block of a modal: label, control, hint, and what was wrong with it. */
export function Field({ block, error, values, onPut }: Props) {
  return (
    <div className={`field ${error ? 'wrong' : ''}`} data-block={block.block_id}>
      <div className="label">
        {block.label.text}
        {block.optional && <small> (optional)</small>}
      </div>
      <Control block={block} values={values} onPut={onPut} />
      {error && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {block.hint && <p className="hint">{block.hint.text}</p>}
    </div>
  )
}

type Chosen = { value?: string; selected_option?: Option; selected_options?: Option[] }

function Control({ block, values, onPut }: Omit<Props, 'error'>) {
  const { element, block_id = '', label } = block
  const action = element.action_id ?? ''
  const now = (values[block_id]?.[action] ?? {}) as Chosen
  const put = (value: object) => onPut(block_id, action, { type: element.type, ...value })
  if (element.type === 'plain_text_input')
    return <TextInput element={element} label={label.text} value={now.value ?? ''} put={put} />
  if (element.type === 'checkboxes' || element.type === 'radio_buttons') {
    const many = element.type === 'checkboxes'
    return (
      <Choices
        kind={many ? 'checkbox' : 'radio'}
        name={action}
        options={element.options as Option[]}
        chosen={now.selected_options ?? (now.selected_option ? [now.selected_option] : [])}
        put={(chosen) => put(many ? { selected_options: chosen } : { selected_option: chosen[0] })}
      />
    )
  }
  if (element.type === 'static_select')
    return <Select element={element} label={label.text} chosen={now.selected_option} put={put} />
  return <p className="error">The console does not draw a {element.type}.</p>
}

type SelectElement = Extract<InputBlock['element'], { type: 'static_select' }>

function Select(props: {
  element: SelectElement
  label: string
  chosen: Option | undefined
  put: (value: object) => void
}) {
  const { element, label, chosen, put } = props
  const options = element.options ?? []
  return (
    <select
      aria-label={label}
      value={chosen?.value ?? ''}
      onChange={({ target }) => put({ selected_option: options.find(({ value }) => value === target.value) })}
    >
      <option value="" disabled>
        {element.placeholder?.text ?? 'Choose'}
      </option>
      {options.map(({ text, value }) => (
        <option key={value} value={value}>
          {text.text}
        </option>
      ))}
    </select>
  )
}

type Text = Extract<InputBlock['element'], { type: 'plain_text_input' }>

function TextInput(props: { element: Text; label: string; value: string; put: (value: object) => void }) {
  const { element, label, value, put } = props
  const shared = {
    'aria-label': label,
    name: element.action_id ?? '',
    value,
    placeholder: element.placeholder?.text ?? '',
    maxLength: element.max_length ?? 3000,
    autoComplete: 'off',
    spellCheck: false,
    autoFocus: element.focus_on_load ?? false,
  }
  return element.multiline ? (
    <textarea {...shared} rows={3} onChange={({ target }) => put({ value: target.value || null })} />
  ) : (
    <input {...shared} onChange={({ target }) => put({ value: target.value || null })} />
  )
}

function Choices(props: {
  kind: 'checkbox' | 'radio'
  name: string
  options: readonly Option[]
  chosen: readonly Option[]
  put: (chosen: Option[]) => void
}) {
  const { kind, name, options, chosen, put } = props
  const isChosen = (option: Option) => chosen.some(({ value }) => value === option.value)
  const flip = (option: Option) =>
    kind === 'radio'
      ? [option]
      : isChosen(option)
        ? chosen.filter(({ value }) => value !== option.value)
        : [...chosen, option]
  return (
    <div className="choices">
      {options.map((option) => (
        <label key={option.value}>
          <input type={kind} name={name} checked={isChosen(option)} onChange={() => put(flip(option))} />
          <span>{option.text.text}</span>
        </label>
      ))}
    </div>
  )
}
