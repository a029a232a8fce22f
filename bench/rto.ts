import { scaledClock } from '../rehearsal/clock.ts'
import { Night, type NightOptions } from '../rehearsal/night.ts'
import { overSockets } from '../rehearsal/reach.ts'
import { PEOPLE, simulatedPlans } from '../rehearsal/simulated-plans.ts'
import { approve } from '../src/app/desk/approving.ts'
import { proposeRun } from '../src/app/desk/proposing.ts'
import { planOf } from '../src/plan/plans.ts'
import { type Bench, median } from './bench.ts'
import { promoteDr } from './script.ts'

const APP = 'orders'
const MANUAL_SEEDS = 20
const SOCKET_SEEDS = 6
const SOCKET_SCALE = 5
/** What the issue asks for: medians of the ratios. */
const LIMIT = { floor: 1.15, script: 0.75 }

type Measured = {
  readonly seed: number
  readonly floor: number
  readonly bot: number
  readonly script: number
}

/** Seconds of outage as customers felt it: by the bot, by a careful script, and the least that is possible. */
export const rto: Bench = {
  about: 'outage of an emergency failover: the bot, a careful script, and the physical floor',
  async run() {
    const manual = await nights(MANUAL_SEEDS, {})
    const overWire = await nights(SOCKET_SEEDS, socketed)
    const [byHand, byWire] = [medians(manual), medians(overWire)]
    return {
      title: 'Outage of an emergency failover of “orders”, home region dark (seconds of world time)',
      columns: ['seed', 'floor', 'bot', 'script', 'bot/floor', 'bot/script'],
      rows: [
        ...manual.map((row) => line(`${row.seed}`, row)),
        line('median', byHand),
        ...overWire.map((row) => line(`${row.seed} over sockets`, row)),
        line('median over sockets', byWire),
      ],
      notes: [
        `Manual clock: every call costs 50 ms, one to the dark region its profile's limit. Sockets: ${SOCKET_SCALE} times real time.`,
        'Outage: approval to the start of the first 60 s at 99 % success or more. Floor: max(promotion, capacity) + pool refresh + DNS.',
        `Limits: bot/floor at most ${LIMIT.floor}, bot/script at most ${LIMIT.script}, medians.`,
      ],
      ok: [byHand, byWire].every(
        (row) => row.bot <= LIMIT.floor * row.floor && row.bot <= LIMIT.script * row.script,
      ),
      result: { manual, medians: byHand, overSockets: byWire },
    }
  },
}

type Options = Pick<NightOptions, 'reach'> & { readonly scale?: number }
const socketed: Options = { reach: overSockets, scale: SOCKET_SCALE }

/** Side by side: most of a night is waiting. */
const nights = (seeds: number, options: Options): Promise<readonly Measured[]> =>
  Promise.all(Array.from({ length: seeds }, (_, index) => measured(index + 1, options)))

async function measured(
  seed: number,
  options: Partial<NightOptions> & { scale?: number },
): Promise<Measured> {
  const [bot, script] = await Promise.all([outageOf(seed, options, byBot), outageOf(seed, options, byScript)])
  return { seed, floor: bot.floor, bot: bot.outage, script: script.outage }
}

async function outageOf(
  seed: number,
  { scale, ...options }: Options,
  handle: (night: Night) => Promise<number>,
): Promise<{ outage: number; floor: number }> {
  const clock = scale ? { clock: scaledClock({ scale }) } : {}
  const night = await Night.begin({ seed, plans: simulatedPlans, ...clock, ...options })
  try {
    await night.sleep(120_000)
    await night.simulation.outage('us-east-1', 'mute')
    await night.sleep(30_000)
    const since = await night.until(handle(night))
    for (;;) {
      const { outage, floor } = night.simulation.slo(APP, since)
      if (outage?.to) return { outage: outage.seconds, floor: floor.total }
      await night.sleep(5_000)
    }
  } finally {
    await night.end()
  }
}

/** From the approval; answers when that was, ms of world time. The run goes on. */
async function byBot({ parts, clock }: Night): Promise<number> {
  const [requester = '', approver = ''] = PEOPLE.approvers
  const wish = { flow: 'failover', mode: 'emergency', dryRun: false, by: requester } as const
  const proposed = await proposeRun(parts, planOf(parts.plans, APP), wish, 'benchmarked')
  if ('dryRun' in proposed) throw new Error('it was not to be a dry run')
  await approve(parts, proposed.run, { by: approver, reason: 'bench', breakGlass: false })
  return clock.now()
}

async function byScript(night: Night): Promise<number> {
  const { clock, parts, reach } = night
  const plan = planOf(parts.plans, APP)
  const since = clock.now()
  const sleep = (seconds: number) => new Promise<void>((wake) => void clock.after(seconds * 1000, wake))
  const probe = () =>
    reach.fetch(plan.probes.public, { signal: AbortSignal.timeout(1_500) }).then(
      ({ ok }) => ok,
      () => false,
    )
  await promoteDr({ plan, connection: reach.connection, sleep, probe })
  return since
}

function medians(rows: readonly Measured[]): Omit<Measured, 'seed'> {
  const of = (name: keyof Measured) => median(rows.map((row) => row[name]))
  return { floor: of('floor'), bot: of('bot'), script: of('script') }
}

const line = (name: string, { floor, bot, script }: Omit<Measured, 'seed'>) => [
  name,
  ...[floor, bot, script].map((seconds) => seconds.toFixed(0)),
  (bot / floor).toFixed(2),
  (bot / script).toFixed(2),
]
