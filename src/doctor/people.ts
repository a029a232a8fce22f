import type { Plan } from '../plan/schema.ts'
import { type Finding, fault, ok, unknown } from './finding.ts'
import type { Configured } from './place.ts'
import type { SlackAnswer, SlackAsk } from './slack-ask.ts'

type App = NonNullable<Configured['slack']>

/** Everybody a plan names, each once, as Slack knows them. */
export async function people(ask: SlackAsk, app: App, plans: readonly Plan[]): Promise<readonly Finding[]> {
  const ids = [
    ...new Set(plans.flatMap(({ slack }) => [...slack.requesters, ...slack.approvers, ...slack.breakGlass])),
  ]
  const answers = await Promise.all(
    ids.map(async (id) => [id, await ask('users.info', { user: id }).catch(() => undefined)] as const),
  )
  // Said once, not for everybody.
  if (answers.length && answers.every(([, answer]) => answer?.error === 'missing_scope'))
    return [
      unknown(
        'person',
        'everybody',
        'whether the people of the plans are in the workspace cannot be seen without the scope users:read',
        'Give the app the optional scope users:read and install it again, or look their profiles up in Slack.',
      ),
    ]
  return answers.map(([id, answer]) => judgePerson(app, id, answer))
}

type Profile = {
  readonly deleted?: boolean
  readonly is_restricted?: boolean
  readonly is_ultra_restricted?: boolean
  readonly is_stranger?: boolean
  readonly team_id?: string
  readonly enterprise_user?: { readonly enterprise_id?: string }
  readonly name?: string
}

/** Guests and members of other workspaces can press buttons in a shared channel; theirs do not count. */
export function judgePerson(app: App, id: string, answer: SlackAnswer | undefined): Finding {
  if (answer?.error === 'user_not_found') return fault('person', id, 'nobody in Slack has this id')
  if (!answer?.ok)
    return unknown('person', id, `who it is could not be seen: ${answer?.error ?? 'no answer'}`)
  const profile = answer.body.user as Profile
  const about = profile.name ? `${id} (${profile.name})` : id
  if (profile.deleted) return fault('person', about, 'the account is deactivated')
  if (profile.is_restricted || profile.is_ultra_restricted) return fault('person', about, 'it is a guest')
  const own =
    profile.team_id === app.teamId ||
    (app.enterpriseId !== undefined && profile.enterprise_user?.enterprise_id === app.enterpriseId)
  if (profile.is_stranger || !own)
    return fault('person', about, `it belongs to another workspace (${profile.team_id})`)
  return ok('person', about, 'a full member')
}
