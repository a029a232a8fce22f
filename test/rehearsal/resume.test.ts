import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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
  await promoted(first)
  const second = await startAnew(first, args)
  await expectCarriedOver(second)
  await stop(second)
  remove()
}, 120_000)

test('so do, on Lambda and DynamoDB, a bot that is killed in mid-failover and then a second start', async () => {
  const { dir, remove } = stateDir()
  const args = ['--state-dir', dir, '--time-scale', '60', '--seed', '3', '--backend', 'aws']
  const first = await startRehearsal(args)
  await askAndApprove(first)
  await promoted(first)
  process.kill(first.contract.botPid ?? 0, 'SIGKILL')
  await eventually('the bot is back', async () => {
    const { bot } = await pictureOf(first.contract)
    return (bot.up && bot.starts === 2) || undefined
  })
  const second = await startAnew(first, args)
  await expectCarriedOver(second)
  await stop(second)
  remove()
}, 120_000)

/** The world process is killed too, and another one begins on its folder. */
async function startAnew(first: Started, args: readonly string[]): Promise<Started> {
  const { botPid } = JSON.parse(readFileSync(join(first.contract.stateDir, 'rehearsal.json'), 'utf8'))
  await crash(first)
  await eventually('the orphaned bot has ended', () => !isAlive(botPid) || undefined)
  const second = await startRehearsal(args)
  expect(second.contract.signingSecret).toBe(first.contract.signingSecret)
  expect(second.contract.slack.approvers).toEqual(first.contract.slack.approvers)
  return second
}

async function expectCarriedOver(second: Started): Promise<void> {
  await summed(second)
  const { apps, calls, regions } = await pictureOf(second.contract)
  const orders = apps.find(({ name }) => name === 'orders')
  expect(regions.home.outage).toBe('drop')
  expect(orders).toMatchObject({ dns: 'dr', success: 1, sides: { dr: { writer: true } } })
  expect(calls.some(({ operation }) => operation === 'FailoverGlobalCluster')).toBe(false)
}

const promoted = ({ contract }: Started) =>
  eventually('the promotion has been asked for', async () =>
    (await pictureOf(contract)).calls.find(({ operation }) => operation === 'FailoverGlobalCluster'),
  )

const summed = ({ contract }: Started) =>
  eventually(
    'the summary',
    async () =>
      (await pictureOf(contract)).channel?.messages.find(
        ({ reply_broadcast, text }) => reply_broadcast && text.includes('done'),
      ),
    60_000,
  )

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
