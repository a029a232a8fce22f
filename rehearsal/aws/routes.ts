import { z } from 'zod'
import { faultKinds } from './faults.ts'
import { outageKinds, places } from './outages.ts'
import { scenarios } from './scenarios.ts'
import type { Simulation } from './simulator.ts'
import { stacksOf } from './stacks.ts'
import { states } from './states.ts'
import { nasties } from './terraform.ts'
import { type App, apps } from './world/world.ts'

export type Answer = { readonly status: number; readonly body: unknown }
type Asked = { readonly part: string; readonly query: URLSearchParams; readonly body: unknown }
type Route = {
  readonly method: string
  readonly path: RegExp
  readonly answer: (simulation: Simulation, asked: Asked) => Answer | Promise<Answer>
}

const ok = (body: unknown): Answer => ({ status: 200, body })
const bad = (error: string): Answer => ({ status: 400, body: { error } })

/** Runs `then` with a body that fits; else says all that is wrong with it. */
function withBody<T extends z.ZodType>(
  shape: T,
  then: (simulation: Simulation, body: z.infer<T>, asked: Asked) => Answer | Promise<Answer>,
): Route['answer'] {
  return (simulation, asked) => {
    const read = shape.safeParse(asked.body)
    if (read.success) return then(simulation, read.data, asked)
    const faults = read.error.issues.map(({ path, message }) =>
      [path.join('.'), message].filter(Boolean).join(': '),
    )
    return bad(faults.join('; '))
  }
}

const longestJump = 30 * 86_400_000
const Jump = z.number().nonnegative().max(longestJump)
const Scale = z.number().nonnegative().max(1000)
const AppName = z.enum(['orders', 'billing'])
const FaultBody = z.strictObject({
  kind: z.enum(faultKinds),
  region: z.string().optional(),
  service: z.string().optional(),
  operation: z.string().optional(),
  app: AppName.optional(),
  p: z.number().min(0).max(1).optional(),
  times: z.number().int().positive().optional(),
  ms: z.number().nonnegative().optional(),
  share: z.number().min(0).max(1).optional(),
})

const SideName = z.enum(['home', 'dr'])
const StateBody = z.strictObject({
  app: AppName,
  state: z.enum(states),
  active: SideName,
  dns: SideName.optional(),
})
const ApplyBody = z.strictObject({
  app: AppName,
  stack: z.string(),
  variables: z.record(z.string(), z.string()).default({}),
  nasty: z.array(z.enum(nasties)).default([]),
})

const clockOf = ({ clock }: Simulation) => ok({ now: clock.now(), ...clock.state() })

/** `/_sim/*`. What is not understood answers 4xx and changes nothing. */
export const routes: readonly Route[] = [
  { method: 'POST', path: /^\/_sim\/reset$/, answer: reset },
  { method: 'GET', path: /^\/_sim\/clock$/, answer: clockOf },
  {
    method: 'POST',
    path: /^\/_sim\/clock$/,
    answer: withBody(
      z.strictObject({ scale: Scale.optional(), advance: Jump.optional() }),
      (simulation, { scale, advance }) => {
        if (scale !== undefined) simulation.clock.setScale(scale)
        if (advance !== undefined) simulation.clock.advance(advance)
        return clockOf(simulation)
      },
    ),
  },
  {
    method: 'POST',
    path: /^\/_sim\/clock\/advance$/,
    answer: withBody(z.strictObject({ ms: Jump }), (simulation, { ms }) => {
      simulation.clock.advance(ms)
      return clockOf(simulation)
    }),
  },
  {
    method: 'PUT',
    path: /^\/_sim\/clock\/scale$/,
    answer: withBody(z.strictObject({ scale: Scale }), (simulation, { scale }) => {
      simulation.clock.setScale(scale)
      return clockOf(simulation)
    }),
  },
  {
    method: 'POST',
    path: /^\/_sim\/regions\/([\w-]+)\/outage$/,
    answer: withBody(z.strictObject({ mode: z.enum(outageKinds) }), (simulation, { mode }, { part }) =>
      outage(simulation, part, mode),
    ),
  },
  {
    method: 'DELETE',
    path: /^\/_sim\/regions\/([\w-]+)\/outage$/,
    answer: (simulation, { part }) => outage(simulation, part, undefined),
  },
  {
    method: 'POST',
    path: /^\/_sim\/faults$/,
    answer: withBody(FaultBody, (simulation, fault) => {
      const given = Object.fromEntries(Object.entries(fault).filter(([, value]) => value !== undefined))
      return {
        status: 201,
        body: { id: simulation.addFault(given as Parameters<Simulation['addFault']>[0]) },
      }
    }),
  },
  {
    method: 'DELETE',
    path: /^\/_sim\/faults$/,
    answer: (simulation, { query }) => {
      const id = query.get('id') ?? undefined
      const removed = simulation.removeFaults(id)
      return id !== undefined && removed === 0
        ? { status: 404, body: { error: `There is no fault ${id}.` } }
        : ok({ removed })
    },
  },
  {
    method: 'PUT',
    path: /^\/_sim\/roles$/,
    answer: withBody(
      z.strictObject({ role: z.string(), allow: z.array(z.string()).nullable() }),
      (simulation, { role, allow }) =>
        simulation.allow(role, allow ?? undefined)
          ? ok({ role, allow })
          : { status: 404, body: { error: `There is no role ${role}.` } },
    ),
  },
  {
    method: 'POST',
    path: /^\/_sim\/states$/,
    answer: withBody(StateBody, (simulation, { app, state, active, dns }) => {
      simulation.enter(app, state, active, dns)
      return ok({ app, state, active, dns: dns ?? active })
    }),
  },
  {
    method: 'POST',
    path: /^\/_sim\/terraform$/,
    answer: withBody(ApplyBody, (simulation, { app, stack, variables, nasty }) => {
      if (!stacksOf(app).some(({ name }) => name === stack))
        return { status: 404, body: { error: `${app} has no stack ${stack}.` } }
      return { status: 202, body: { id: simulation.apply(app, stack, { variables, nasty }) } }
    }),
  },
  { method: 'GET', path: /^\/_sim\/state$/, answer: (simulation) => ok(simulation.state()) },
  {
    method: 'GET',
    path: /^\/_sim\/journal$/,
    answer: ({ calls }, { query }) => {
      const after = Number(query.get('after') ?? 0)
      return Number.isFinite(after) ? ok({ calls: calls.list(after) }) : bad('after: not a number')
    },
  },
  { method: 'GET', path: /^\/_sim\/slo$/, answer: slo },
  {
    method: 'GET',
    path: /^\/_sim\/coverage$/,
    answer: ({ dispatcher }) => ok(dispatcher.coverage()),
  },
]

async function reset(simulation: Simulation, { query }: Asked): Promise<Answer> {
  const scenario = query.get('scenario') ?? 'healthy'
  const seed = query.get('seed') === null ? undefined : Number(query.get('seed'))
  if (!Object.hasOwn(scenarios, scenario))
    return bad(`scenario: ${scenario} is none of ${Object.keys(scenarios).join(', ')}`)
  if (seed !== undefined && !Number.isSafeInteger(seed)) return bad('seed: not a whole number')
  await simulation.reset(scenario, seed)
  return ok({ scenario })
}

async function outage(
  simulation: Simulation,
  place: string,
  mode: (typeof outageKinds)[number] | undefined,
): Promise<Answer> {
  if (!places.includes(place))
    return { status: 404, body: { error: `${place} is none of ${places.join(', ')}.` } }
  await simulation.outage(place, mode)
  return ok({ place, mode: mode ?? null })
}

function slo(simulation: Simulation, { query }: Asked): Answer {
  const app = query.get('app')
  const since = query.get('since')
  const from = since === null ? undefined : /^\d+(\.\d+)?$/.test(since) ? Number(since) : Date.parse(since)
  if (app === null || !apps.includes(app as App)) return bad(`app: one of ${apps.join(', ')}`)
  if (from !== undefined && Number.isNaN(from))
    return bad('since: milliseconds since the epoch, or an ISO time')
  return ok(simulation.slo(app as App, from))
}
