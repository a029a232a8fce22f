import { useState } from 'react'
import { type Menu, type Side, type Switch, switches } from '../picture.ts'
import { Confirm } from './confirm.tsx'

type Ask = (what: string, body: object) => Promise<boolean>
type Props = { menu: Menu; drDark: boolean; busy: boolean; ask: Ask }

/** What makes going home hard, at a click: states of the pair, what AWS leaves undone, and the user's own applies. */
export function HardPart({ menu, drDark, busy, ask }: Props) {
  return (
    <div className="hard-part" id="hard-part">
      <States menu={menu} busy={busy} ask={ask} />
      <fieldset disabled={busy}>
        <legend>From now on</legend>
        {switches.map((kind) => (
          <label key={kind}>
            <input
              type="checkbox"
              name={kind}
              checked={menu.switches.includes(kind)}
              onChange={({ target }) => ask('switch', { kind, on: target.checked })}
            />
            {switchWords[kind]}
          </label>
        ))}
      </fieldset>
      <fieldset disabled={busy}>
        <legend>The DR region</legend>
        <button
          type="button"
          className="danger"
          disabled={drDark}
          onClick={() => ask('outage', { side: 'dr', kind: 'drop' })}
        >
          DR goes dark
        </button>
        <button type="button" disabled={!drDark} onClick={() => ask('outage', { side: 'dr' })}>
          DR comes back
        </button>
      </fieldset>
      {Object.entries(menu.stacks).map(([app, stacks]) => (
        <fieldset key={app} disabled={busy}>
          <legend>
            <code>terraform apply</code> of {app}
          </legend>
          {stacks.map(({ name, title }) => (
            <button key={name} type="button" onClick={() => ask('apply', { app, stack: name })}>
              {title}
            </button>
          ))}
        </fieldset>
      ))}
    </div>
  )
}

const switchWords: Readonly<Record<Switch, string>> = {
  'no-rejoin': 'AWS does not take an old cluster back',
  'no-rescue': 'AWS takes no snapshot of its volume',
  'nasty-apply': 'Applies are careless: they take the record along',
}

const stateWords: Readonly<Record<string, string>> = {
  protected: 'in step',
  headless: 'standby without instances',
  'in-flight': 'being switched over',
  unprotected: 'standby resynchronising',
  orphaned: 'old cluster not taken back',
  alone: 'no standby cluster',
  detached: 'serving outside its global cluster',
  'no-global': 'no global cluster',
  unknown: 'writer in a third region',
}

function States({ menu, busy, ask }: Pick<Props, 'menu' | 'busy' | 'ask'>) {
  const apps = Object.keys(menu.stacks)
  const [app, setApp] = useState(apps[0] ?? '')
  const [state, setState] = useState(menu.states[0] ?? '')
  const [active, setActive] = useState<Side>('dr')
  const [asking, setAsking] = useState(false)
  const enter = () => {
    setAsking(false)
    void ask('state', { app, state, active })
  }
  return (
    <fieldset disabled={busy} className="states">
      <legend>Put a pair into a state</legend>
      <Choice label="Application" of={apps} value={app} onChoose={setApp} />
      <Choice label="State" of={menu.states} words={stateWords} value={state} onChoose={setState} />
      <Choice
        label="Who serves"
        of={['home', 'dr']}
        words={{ home: 'home serves', dr: 'dr serves' }}
        value={active}
        onChoose={(side) => setActive(side as Side)}
      />
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Put it there
      </button>
      {asking && (
        <Confirm
          confirm={{
            title: { type: 'plain_text', text: `Put ${app} into this state?` },
            text: {
              type: 'plain_text',
              text: `${app} becomes “${stateWords[state] ?? state}”, ${active} serving, as if for two hours. Its databases, snapshots and tasks of now are gone; a run under way will meet another world.`,
            },
            confirm: { type: 'plain_text', text: 'Put it there' },
            deny: { type: 'plain_text', text: 'Leave it' },
            style: 'danger',
          }}
          onConfirm={enter}
          onDeny={() => setAsking(false)}
        />
      )}
    </fieldset>
  )
}

type ChoiceProps = {
  label: string
  of: readonly string[]
  words?: Readonly<Record<string, string>>
  value: string
  onChoose: (value: string) => void
}

const Choice = ({ label, of, words = {}, value, onChoose }: ChoiceProps) => (
  <select aria-label={label} value={value} onChange={({ target }) => onChoose(target.value)}>
    {of.map((one) => (
      <option key={one} value={one}>
        {words[one] ? (one in stateWords ? `${one}: ${words[one]}` : words[one]) : one}
      </option>
    ))}
  </select>
)
