import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, parseConfig, placesOf } from '../app/config.ts'
import type { SecretsAt } from '../app/places.ts'
import { secretsOf } from '../app/secrets.ts'
import type { Diagnosis } from '../doctor/diagnose.ts'
import { DrError } from '../engine/errors.ts'
import { loadPlans } from '../plan/loader.ts'
import { openPlans } from '../plan/open.ts'
import { type Plans, planOf, plansOf } from '../plan/plans.ts'
import { placeInRehearsal } from './place.ts'

type Env = Readonly<Record<string, string | undefined>>
type Wish = { readonly env: Env; readonly rehearsal: string | undefined; readonly plans: readonly string[] }

/** What there is to be looked at. Throws PLAN_UNKNOWN for a plan that nobody knows, CONFIG_INVALID without its rehearsal. */
export function bodyIn({ env, rehearsal, plans }: Wish): Diagnosis {
  const body = rehearsal === undefined ? bodyOnAws(env) : bodyInRehearsal(rehearsal)
  return { ...body, plans: only(body.plans, plans) }
}

/** Everything the environment says, and everything that is wrong with it. */
function bodyOnAws(env: Env): Diagnosis {
  const faults = [...faultsOf(() => parseConfig(env))]
  const place = partsOf(env)
  const plans = readPlans(env.UNDERSTUDY_PLANS, faults)
  const wall = { now: () => Date.now() }
  return { node: process.versions.node, faults, plans, clock: wall, people: wall, ...place }
}

/** The parts that can be understood, whatever is wrong with the others: their faults are told already. */
function partsOf(env: Env) {
  const { journal, engine, endpoints, secrets } = placesOf(env, [])
  const slack = slackOf(env, secrets, endpoints)
  return {
    ...(journal ? { journal } : {}),
    ...(engine ? { engine } : {}),
    ...(slack ? { slack } : {}),
    ...(endpoints && env.UNDERSTUDY_STAMP ? { simulated: { endpoints } } : {}),
  }
}

function slackOf(env: Env, at: SecretsAt | undefined, endpoints: Config['endpoints']): Diagnosis['slack'] {
  const { SLACK_APP_ID: appId, SLACK_TEAM_ID: teamId, SLACK_ENTERPRISE_ID: enterpriseId } = env
  if (!at || !appId || !teamId) return undefined
  const secrets = secretsOf(
    { slack: { secrets: at }, ...(endpoints ? { endpoints } : {}) },
    { people: { now: () => Date.now() }, log: () => {} },
  )
  return {
    token: async () => {
      await secrets.signing()
      return secrets.token()
    },
    appId,
    teamId,
    ...(at.kind === 'given' ? {} : { kept: `${at.kind}:${at.region}/${at.name}` }),
    ...(enterpriseId ? { enterpriseId } : {}),
    ...(env.SLACK_API_URL ? { apiUrl: env.SLACK_API_URL } : {}),
  }
}

function readPlans(path: string | undefined, faults: string[]): Plans {
  const none: Plans = { plans: [], broken: [] }
  if (!path) return none
  let plans = none
  faults.push(
    ...faultsOf(() => {
      plans = openPlans(path)
    }),
  )
  return plans
}

/** All that CONFIG_INVALID lists; nothing where `read` is content. */
function faultsOf(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof DrError)) throw error
    const listed = error.message.split('\n  - ').slice(1)
    return listed.length ? listed : [error.message]
  }
}

/** What stands in for the bot's own stack in a rehearsal is left out; its files, if it has some, are not. */
function bodyInRehearsal(dir: string): Diagnosis {
  const { plans, journal, clock, people, simulated } = placeInRehearsal(dir)
  const { slack } = JSON.parse(readFileSync(join(dir, 'rehearsal.json'), 'utf8')) as Described
  const files =
    journal.kind === 'sqlite'
      ? { journal, engine: { kind: 'local' as const, file: join(journal.file, '../engine.db') } }
      : {}
  return {
    node: process.versions.node,
    faults: [],
    plans: plansOf(loadPlans(plans)),
    ...files,
    slack: {
      token: async () => slack.token,
      appId: slack.appId,
      teamId: slack.teamId,
      apiUrl: slack.api,
    },
    clock,
    people,
    ...(simulated ? { simulated } : {}),
  }
}

/** What a running rehearsal says of its Slack. */
type Described = {
  readonly slack: {
    readonly api: string
    readonly token: string
    readonly appId: string
    readonly teamId: string
  }
}

/** The plans of these names; all where none is named. */
function only(all: Plans, names: readonly string[]): Plans {
  if (!names.length) return all
  const broken = all.broken.filter(({ name }) => names.includes(name))
  const known = names.filter((name) => !broken.some((each) => each.name === name))
  return { ...all, plans: known.map((name) => planOf(all, name)), broken }
}
