import { openQuestion, type Question, type Run } from '../../engine/run.ts'
import { ACTIONS, answerActionId, encode } from '../actions.ts'
import {
  actions,
  button,
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
import { isRisky } from '../judge.ts'

/** A question of a run, in its thread: with buttons while it is open, with the answer afterwards. */
export function decisionCard(run: Run, question: Run['questions'][number], stamp?: string): Message {
  const title = prose(question.title)
  const open = !question.answer && run.phase !== 'ended'
  const explained = question.options.flatMap(({ label, explain }) =>
    explain ? [`*${plain(label)}*: ${prose(explain)}`] : [],
  )
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

/** Approvers; whoever asked for the run may choose what takes no risk. */
function whoAnswers({ proposal }: Run, { options }: Question): string {
  const { approvers, requestedBy } = proposal
  const harmless = options.filter((option) => !isRisky(option)).map(({ label }) => `*${plain(label)}*`)
  const asker = approvers.includes(requestedBy)
    ? ''
    : `; ${harmless.join(', ')} for ${person(requestedBy)} too`
  return people(approvers) + asker
}

function choices({ id, proposal, version }: Run, question: Question) {
  return actions(
    `decision:${id}:${question.id}:${version}`,
    question.options.map(({ id: option, label, style, explain, needsReason }) =>
      button(
        answerActionId(option),
        label,
        encode({ runId: id, hash: proposal.hash, version, question: question.id, option }),
        {
          ...(style ? { style } : {}),
          ...(style === 'danger' && !needsReason
            ? { confirm: { title: label, text: explain ?? question.title, confirm: label, deny: 'Not now' } }
            : {}),
        },
      ),
    ),
  )
}

function decidedAs({ answer, options }: Run['questions'][number]): string {
  if (!answer) return 'The run ended before anybody answered.'
  const label = options.find(({ id }) => id === answer.option)?.label ?? answer.option
  return `${person(answer.by)} chose *${plain(label)}*${answer.reason ? `: “${prose(answer.reason)}”` : '.'}`
}

/** Buttons of a run under way; one that already waits or is asked to stop need not be paused. */
export function controls(run: Run) {
  const { id, proposal, version } = run
  const value = encode({ runId: id, hash: proposal.hash, version })
  return actions(`board:${id}:${version}`, [
    ...(run.signal || openQuestion(run)
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
    button(ACTIONS.abort, 'Abort', value, {
      style: 'danger',
      confirm: {
        title: 'Abort this run?',
        text: 'It stops before its next act. What cannot be undone stays as it is; what is left half done is said.',
        confirm: 'Abort',
        deny: 'Keep going',
      },
    }),
  ])
}
