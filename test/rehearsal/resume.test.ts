import { expect, test } from 'vitest'
import {
  crash,
  doAct,
  eventually,
  isAlive,
  pictureOf,
  type Started,
  slash,
  startRehearsal,
  stateDir,
  stop,
} from './start.ts'

const MAYA = 'U0MAYACHEN'
const JONAS = 'U0JONASWEB'
type Button = { action_id: string; text: { text: string } }

test('a second start after kill -9 finishes the failover that was running, and asks AWS for it once', async () => {
  const { dir, remove } = stateDir()
  const args = ['--state-dir', dir, '--time-scale', '60', '--seed', '3']
  const first = await startRehearsal(args)
  await askAndApprove(first)
  await eventually('the promotion has been asked for', async () =>
    (await pictureOf(first.contract)).calls.find(({ operation }) => operation === 'FailoverGlobalCluster'),
  )
  await crash(first)
  await eventually('the orphaned bot has ended', () => !isAlive(first.contract.botPid) || undefined)

  const second = await startRehearsal(args)
  const { contract } = second
  expect(contract.signingSecret).toBe(first.contract.signingSecret)
  expect(contract.slack.approvers).toEqual(first.contract.slack.approvers)
  await eventually(
    'the summary',
    async () =>
      (await pictureOf(contract)).channel?.messages.find(
        ({ reply_broadcast, text }) => reply_broadcast && text.includes('done'),
      ),
    60_000,
  )
  const { apps, calls, regions } = await pictureOf(contract)
  const orders = apps.find(({ name }) => name === 'orders')
  expect(regions.home.outage).toBe('drop')
  expect(orders).toMatchObject({ dns: 'dr', success: 1, sides: { dr: { writer: true } } })
  expect(calls.some(({ operation }) => operation === 'FailoverGlobalCluster')).toBe(false)
  await stop(second)
  remove()
}, 120_000)

/** Home goes dark, Maya asks, Jonas reviews, types the phrase and approves. */
async function askAndApprove({ contract }: Started): Promise<void> {
  await doAct(contract, 'outage', { kind: 'drop' })
  await slash(contract, MAYA, 'failover orders')
  const card = await eventually('the card', async () =>
    (await pictureOf(contract)).channel?.messages.find(({ text }) => text.includes('needs approval')),
  )
  const row = card.blocks?.find(({ type }) => type === 'actions') as { block_id: string; elements: Button[] }
  const button = row.elements.find(({ text }) => text.text.startsWith('Review'))
  await doAct(contract, 'click', { as: JONAS, ts: card.ts, blockId: row.block_id, button })
  const desk = await eventually('the modal', async () => (await pictureOf(contract)).channel?.desks[JONAS])
  const inputs = desk.view.blocks.flatMap((block) =>
    block.type === 'input' ? [block as { block_id: string; element: { action_id: string } }] : [],
  )
  const typed = ['orders', 'us-east-1 is dark']
  const values = Object.fromEntries(
    inputs.map(({ block_id, element }, place) => [
      block_id,
      { [element.action_id]: { type: 'plain_text_input', value: typed[place] } },
    ]),
  )
  await doAct(contract, 'submit', { as: JONAS, values })
}
