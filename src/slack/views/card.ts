import type { KnownBlock } from '@slack/types'
import type { PlannedCall, Proposal, Run } from '../../engine/run.ts'
import { ACTIONS, encode } from '../actions.ts'
import {
  actions,
  button,
  context,
  header,
  list,
  type Message,
  message,
  moment,
  pairs,
  people,
  person,
  plain,
  prose,
  readable,
  section,
} from '../blocks.ts'
import { glassFrom, hasGlass } from '../judge.ts'
import { cut } from '../limits.ts'

/** The plan card of a run: what would be done, with buttons while it can be decided, with its outcome afterwards. `now` in people's ms. */
export function planCard(run: Run, now: number, stamp?: string): Message {
  const { proposal } = run
  const open = run.phase === 'proposed' && !run.approval && now <= proposal.expiresAt
  const title = open ? `${proposal.title}: needs approval` : `${proposal.title}: ${outcomeWord(run)}`
  const blocks = [
    header(title),
    ...(open ? [] : [section(outcome(run))]),
    ...whatItWouldDo(proposal),
    ...(open ? [context(whoDecides(run), ...(hasGlass(run) ? [glass(run)] : [])), buttons(run)] : []),
  ]
  return message(open ? `${title} by ${people(proposal.approvers)}` : `${title}.`, blocks, stamp)
}

/** The same card for a dry run: nothing to decide, and nothing was or will be done. */
export function dryRunCard(proposal: Proposal, stamp?: string): Message {
  const title = `${proposal.title}: dry run`
  return message(
    `${title}, nothing was changed`,
    [
      header(title),
      section('Nothing was changed. This is what would be done now.'),
      ...whatItWouldDo(proposal),
    ],
    stamp,
  )
}

function whatItWouldDo(proposal: Proposal): KnownBlock[] {
  const lost = proposal.steps.flatMap(({ title, irreversible, asks }) =>
    irreversible === false ? [] : [`*${plain(title)}*: ${prose(irreversible)}${asks ? ASKS_AGAIN : ''}`],
  )
  const asking = proposal.steps.flatMap(({ title, irreversible, asks }) =>
    asks && irreversible === false ? [plain(title)] : [],
  )
  return [
    ...pairs(proposal.facts.map(({ label, value, known }) => [plain(label), fact(value, known)])),
    lost.length
      ? list('What cannot be undone', lost, ':warning: ')
      : section('Everything in it can be undone.'),
    ...(asking.length ? [list('Waits for people on the way', asking, ':raised_hand: ')] : []),
    ...(proposal.warnings.length ? [list('Warnings', proposal.warnings.map(readable))] : []),
    ...(proposal.supersedes
      ? [section(`:octagonal_sign: Approving this stops run \`${plain(proposal.supersedes)}\`.`)]
      : []),
    ...(proposal.calls.length ? [calls(proposal.calls)] : []),
  ]
}

/** This card is no word for such a step. */
const ASKS_AGAIN = ' :raised_hand: *Asks again* when it is due: a second person, typed.'

const fact = (value: string, known: boolean) =>
  known ? readable(value) : `:white_circle: ${/^unknown/i.test(value) ? '' : 'unknown: '}${readable(value)}`

/** Every changing call of the run, folded away under its number. */
function calls(planned: readonly PlannedCall[]): KnownBlock {
  const lines = planned.map(({ service, operation, region, input }) => {
    const given = cut(plain(JSON.stringify(input)).replaceAll('`', 'ˋ'), 200)
    return `${plain(region)} · *${plain(service)} ${plain(operation)}* \`${given}\``
  })
  return {
    type: 'container',
    title: {
      type: 'plain_text',
      text: `${planned.length} changing API ${planned.length === 1 ? 'call' : 'calls'}`,
    },
    is_collapsible: true,
    default_collapsed: true,
    child_blocks: [list('In this order', lines)],
  }
}

function whoDecides({ proposal }: Run): string {
  const two = proposal.twoPeople ? ', but not by who asked for it' : ''
  return `Asked for by ${person(proposal.requestedBy)}. To be approved by ${people(proposal.approvers)}${two}. Expires ${moment(proposal.expiresAt)}.`
}

const glass = (run: Run) =>
  `Nobody there? From ${moment(glassFrom(run))} on, ${people(run.proposal.breakGlass)} may break the glass alone.`

function buttons(run: Run): KnownBlock {
  const { id, proposal, version } = run
  const value = encode({ runId: id, hash: proposal.hash, version })
  return actions(`card:${id}:${version}`, [
    button(ACTIONS.review, 'Review and approve', value, { style: 'primary' }),
    ...(hasGlass(run) ? [button(ACTIONS.breakGlass, 'Break the glass', value, { style: 'danger' })] : []),
    button(ACTIONS.dismiss, 'Dismiss', value),
  ])
}

function outcomeWord(run: Run): string {
  if (run.approval) return 'approved'
  return run.phase === 'ended' ? (run.outcome ?? 'ended') : 'expired'
}

function outcome({ approval, phase, outcome: end, ending, endedBy, proposal }: Run): string {
  if (approval) {
    const how = approval.breakGlass
      ? ':rotating_light: The glass was broken by'
      : ':white_check_mark: Approved by'
    return `${how} ${person(approval.by)}: “${prose(approval.reason)}”`
  }
  if (phase === 'ended') {
    const by = endedBy ? ` by ${person(endedBy)}` : ''
    return `:heavy_minus_sign: ${plain(end ?? 'ended')}${by}: ${prose(ending ?? '')} Nothing was changed.`
  }
  return `:heavy_minus_sign: Nobody decided until ${moment(proposal.expiresAt)}. Nothing was changed.`
}
