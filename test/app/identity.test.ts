import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysOf } from '../../rehearsal/aws/world/sts.ts'
import { Night } from '../../rehearsal/night.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { carryOutAsk } from '../../src/app/desk/desk.ts'
import { boundTo } from '../../src/app/desk/identity.ts'
import { carriedOut } from '../../src/app/terminal/answers.ts'
import { type SignedCaller, signCaller } from '../../src/aws/caller.ts'
import { Clients } from '../../src/aws/clients.ts'
import { type Ask, itemOf } from '../../src/slack/asks.ts'

let night: Night
beforeAll(async () => {
  night = await Night.begin({ seed: 1, plans: simulatedPlans })
})
afterAll(() => night.end())

const ASKS = 'U0ASKS'
const AGREES = 'U0AGREES'
const REGIONS = ['us-east-1', 'us-west-2']
const failover = (by: string): Ask => ({
  kind: 'failover',
  plan: 'orders',
  mode: 'planned',
  dryRun: false,
  by,
  channel: 'C0INCIDENT',
})
let asked = 0
const nextId = () => `terminal:${++asked}`

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string }
/** Signs as the terminal does, with these keys, for that ask under that id. */
async function signed(id: string, ask: Ask, keys: Keys, regions = REGIONS): Promise<SignedCaller[]> {
  const clients = new Clients({ people: night.clock, credentials: keys })
  return Promise.all(regions.map((region) => signCaller(clients, region, boundTo(id, ask), night.clock)))
}

/** What the worker tells the terminal that offered this. */
async function carried(id: string, ask: Ask, proof: readonly SignedCaller[] | undefined) {
  const item = itemOf(id, proof ? { ...ask, proof } : ask)
  await night.until(carryOutAsk(night.parts, item))
  return carriedOut(night.journal, id)
}
const refused = (why: RegExp) => ({
  fault: { code: 'NOT_PROVEN', message: expect.stringMatching(why), changed: 'Nothing was changed.' },
})
const runs = () => night.journal.runs({ plan: 'orders' })

describe('who asks in a terminal', () => {
  test('is taken at AWS’s word, and the ask is carried out', async () => {
    const [id, ask] = [nextId(), failover(ASKS)]
    const { runId } = (await carried(id, ask, await signed(id, ask, keysOf(ASKS)))) ?? {}
    expect(runId).toMatch(/^fo-orders-/)
    expect((await night.runWhen(runId ?? '', () => true)).proposal.requestedBy).toBe(ASKS)
  })

  test('is known while one of the two regions is dark', async () => {
    await night.simulation.outage('us-east-1', 'mute')
    const [id, ask] = [nextId(), failover(ASKS)]
    const told = await carried(id, ask, await signed(id, ask, keysOf(ASKS)))
    await night.simulation.outage('us-east-1', undefined)
    expect(told?.fault?.code).not.toBe('NOT_PROVEN')
    expect(told?.fault?.code).not.toBe('UNREACHABLE')
  })

  test('is not known while no STS answers', async () => {
    for (const region of REGIONS) await night.simulation.outage(region, 'mute')
    const [id, ask] = [nextId(), failover(ASKS)]
    const told = await carried(id, ask, await signed(id, ask, keysOf(ASKS)))
    for (const region of REGIONS) await night.simulation.outage(region, undefined)
    expect(told).toMatchObject({ fault: { code: 'UNREACHABLE' } })
  })

  test('still needs to be somebody who may', async () => {
    const [id, ask] = [nextId(), failover(AGREES)]
    expect(await carried(id, ask, await signed(id, ask, keysOf(AGREES)))).toMatchObject({
      fault: { code: 'NOT_ALLOWED' },
    })
  })
})

describe('a proof counts for nothing', () => {
  const [id, ask] = [nextId(), failover(ASKS)]
  const cases: [string, RegExp, () => Promise<readonly SignedCaller[] | undefined>][] = [
    ['that is missing', /there is no proof/, async () => undefined],
    ['that is empty', /there is no proof/, async () => []],
    [
      'that was signed without the secret',
      /AWS does not take the signature \(SignatureDoesNotMatch\)/,
      () => signed(id, ask, { ...keysOf(ASKS), secretAccessKey: 'a guess' }),
    ],
    [
      'of an account that is nobody’s here',
      /arn:aws:iam::999988887777:user\/u0asks is nobody of “orders”/,
      () => signed(id, ask, keysOf(ASKS, { foreign: true })),
    ],
    [
      'of somebody the plan does not list',
      /user\/u0nobody is nobody of “orders”/,
      () => signed(id, ask, keysOf('U0NOBODY')),
    ],
    ['of another person than it says', /signed by <@U0AGREES>/, () => signed(id, ask, keysOf(AGREES))],
    [
      'of the same ask under another id',
      /signed for something else/,
      () => signed('terminal:another', ask, keysOf(ASKS)),
    ],
    [
      'of another ask',
      /signed for something else/,
      () => signed(id, { ...ask, mode: 'emergency' } as Ask, keysOf(ASKS)),
    ],
    [
      'of an ask about another run',
      /signed for something else/,
      () =>
        signed(
          id,
          { kind: 'approve', runId: 'r1', hash: 'h', reason: 'r', breakGlass: false, by: ASKS, channel: 'C' },
          keysOf(ASKS),
        ),
    ],
    [
      'whose binding was changed afterwards',
      /SignatureDoesNotMatch/,
      async () => {
        const proof = await signed('terminal:another', ask, keysOf(ASKS))
        const bound = { 'x-understudy-ask': boundTo(id, ask) }
        return proof.map(({ region, headers }) => ({ region, headers: { ...headers, ...bound } }))
      },
    ],
    [
      'whose binding was not signed',
      /holds more than was signed/,
      async () =>
        (await signed(id, ask, keysOf(ASKS))).map(({ region, headers }) => ({
          region,
          headers: {
            ...headers,
            authorization: (headers.authorization ?? '').replace(';x-understudy-ask', ''),
          },
        })),
    ],
    [
      'that brings a header of its own',
      /holds more than was signed/,
      async () =>
        (await signed(id, ask, keysOf(ASKS))).map(({ region, headers }) => ({
          region,
          headers: { ...headers, 'x-forwarded-for': '203.0.113.1' },
        })),
    ],
    [
      'for a host that is not AWS’s STS',
      /signed for another host/,
      async () =>
        (await signed(id, ask, keysOf(ASKS))).map(({ region, headers }) => ({
          region,
          headers: { ...headers, host: 'sts.attacker.example' },
        })),
    ],
    [
      'for a region the plan is not in',
      /there is no proof/,
      () => signed(id, ask, keysOf(ASKS), ['eu-central-1']),
    ],
    [
      'for a host made up as a region',
      /there is no proof/,
      async () =>
        (await signed(id, ask, keysOf(ASKS))).map(({ headers }) => ({ region: 'x.evil.example/', headers })),
    ],
    [
      'that is older than 15 minutes',
      /more than 15 minutes ago/,
      async () => {
        const proof = await signed(id, ask, keysOf(ASKS))
        await night.sleep(15 * 60_000 + 2_000)
        return proof
      },
    ],
  ]
  test.each(cases)('%s', async (_what, why, proof) => {
    const before = await runs()
    const told = await carried(id, ask, await proof())
    expect(told).toMatchObject(refused(why))
    expect(await runs()).toEqual(before)
  })

  test('beside an ask of another kind than a terminal’s', async () => {
    const history: Ask = { kind: 'history', by: ASKS, channel: 'C0INCIDENT' }
    expect(await carried(nextId(), history, [])).toMatchObject(refused(/not asked for this way/))
  })
})
