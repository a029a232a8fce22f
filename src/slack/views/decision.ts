import { openQuestion, type Question, type Run } from '../../engine/run.ts'
import { ACTIONS, answerActionId, encode } from '../actions.ts'
import {
  actions,
  button,
  type Confirmation,
  context,
  list,
  type Message,
  people,
  person,
  plain,
  prose,
  readable,
  section,
  threaded,
} from '../blocks.ts'
import { isOwnApproval, isRisky, startsByItself } from '../judge.ts'

/** A question of a run, in its thread: with buttons while it is open, with the answer afterwards. */
export function decisionCard(run: Run, question: Run['questions'][number], stamp?: string): Message {
  const title = prose(question.title)
  const open = !question.answer && run.phase !== 'ended'
  const explained = question.options.flatMap((option) => {
    const said = [option.explain, ...conditions(option)].filter((text) => text !== undefined)
    return said.length ? [`*${plain(option.label)}*: ${prose(said.join(' '))}`] : []
  })
  return threaded(
    open ? `${title}. ${plain(question.detail)}` : `${title}: decided`,
    [
      section(`${open ? ':raised_hand:' : ':heavy_check_mark:'} *${title}*\n${readable(question.detail)}`),
      ...(open && explained.length ? [list('What the choices do', explained)] : []),
      open ? choices(run, question) : section(decidedAs(question)),
      ...(open
        ? [
            context(
              `For ${whoAnswers(run, question)}. The first answer counts; nothing is changed until then.`,
            ),
          ]
        : []),
    ],
    stamp,
  )
}

type Option = Question['options'][number]

/** What a choice takes beside a click. */
const conditions = ({ phrase, twoPeople }: Option): string[] => [
  ...(phrase === undefined ? [] : [`It is an approval of its own: “${phrase}” has to be typed.`]),
  ...(twoPeople ? ['It counts once a second person has confirmed it.'] : []),
]

/** Approvers; whoever asked for the run may choose what takes no risk; nobody confirms their own word. */
function whoAnswers({ proposal }: Run, { options }: Question): string {
  const { approvers, requestedBy } = proposal
  const harmless = options
    .filter((option) => !isRisky(option) && !isOwnApproval(option))
    .map(({ label }) => `*${plain(label)}*`)
  const asker =
    approvers.includes(requestedBy) || !harmless.length
      ? ''
      : `; ${harmless.join(', ')} for ${person(requestedBy)} too`
  const barred = options.flatMap(({ label, notBy = [] }) =>
    notBy.length ? [`; *${plain(label)}* not by ${people(notBy)}, whose word counts already`] : [],
  )
  return people(approvers) + asker + barred.join('')
}

function choices({ id, proposal, version }: Run, question: Question) {
  return actions(
    `decision:${id}:${question.id}:${version}`,
    question.options.map(({ id: option, label, style, explain, needsReason, phrase }) =>
      button(
        answerActionId(option),
        label,
        encode({ runId: id, hash: proposal.hash, version, question: question.id, option }),
        {
          ...(style ? { style } : {}),
          ...(style === 'danger' && !needsReason && phrase === undefined
            ? { confirm: { title: label, text: explain ?? question.title, confirm: label, deny: 'Not now' } }
            : {}),
        },
      ),
    ),
  )
}

function decidedAs({ answer, options }: Run['questions'][number]): string {
  if (!answer) return 'The run ended before anybody answered.'
  const option = options.find(({ id }) => id === answer.option)
  const second = answer.confirmedBy
    ? ` Confirmed by ${person(answer.confirmedBy)}.`
    : option?.twoPeople
      ? ' It counts once a second person has confirmed it.'
      : ''
  const why = answer.reason ? `: “${prose(answer.reason)}”` : '.'
  return `${person(answer.by)} chose *${plain(option?.label ?? answer.option)}*${why}${second}`
}

/** Buttons of a run under way; one that already waits or is asked to stop need not be paused. */
export function controls(run: Run) {
  const { id, proposal, version } = run
  const value = encode({ runId: id, hash: proposal.hash, version })
  return actions(`board:${id}:${version}`, [
    ...(run.signal || openQuestion(run) || startsByItself(run)
      ? []
      : [
          button(ACTIONS.pause, 'Pause after this step', value, {
            confirm: {
              title: 'Pause this run?',
              text: 'The step under way is finished; then the run waits for somebody.',
              confirm: 'Pause',
              deny: 'Keep going',
            },
          }),
        ]),
    startsByItself(run)
      ? button(ACTIONS.abort, 'End this watch', value, { confirm: ENDING })
      : button(ACTIONS.abort, 'Abort', value, { style: 'danger', confirm: ABORTING }),
  ])
}

const ABORTING: Confirmation = {
  title: 'Abort this run?',
  text: 'It stops before its next act. What cannot be undone stays as it is; what is left half done is said.',
  confirm: 'Abort',
  deny: 'Keep going',
}
const ENDING: Confirmation = {
  title: 'End this watch?',
  text: 'Nobody rescues what the old side holds then, or says how long there has been no standby.',
  confirm: 'End it',
  deny: 'Keep watching',
}
