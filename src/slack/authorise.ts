import { type DrError, drError } from '../engine/errors.ts'
import type { Plan } from '../plan/schema.ts'

/** Where requests may come from. */
export type Pins = {
  readonly appId: string
  readonly teamId: string
  readonly enterpriseId?: string
  /** The only slash command that counts; absent: whichever the app has. */
  readonly command?: string
}

/** Who sent a request and from where, as Slack signed it; absent is absent, and is refused where it is pinned. */
export type Caller = {
  readonly user: string
  /** The user's own workspace; commands do not carry it, because outsiders cannot use them, and events may not. */
  readonly userTeam?: string
  readonly via: 'command' | 'interaction' | 'event'
  readonly appId?: string
  readonly team?: string
  readonly enterprise?: string
  readonly orgInstall: boolean
  /** The slash command that was typed. */
  readonly command?: string
}

/** Why a request from there does not count, whatever it asks; undefined when it may be looked at. */
export function outside(pins: Pins, caller: Caller): DrError | undefined {
  const why = whyOutside(pins, caller)
  return why ? drError('OUTSIDER', { why }) : undefined
}

function whyOutside(pins: Pins, caller: Caller): string | undefined {
  if (caller.appId !== pins.appId) return 'it was sent to another app'
  if (caller.orgInstall)
    return 'the app is installed for a whole organisation, and only one workspace is configured'
  if (caller.enterprise !== pins.enterpriseId) return 'it comes from an organisation that is not configured'
  if (caller.team !== pins.teamId) return 'it comes from another workspace'
  if (caller.via === 'command' && pins.command !== undefined && caller.command !== pins.command)
    return `only \`${pins.command}\` is answered here`
  const elsewhere =
    caller.userTeam === undefined ? caller.via === 'interaction' : caller.userTeam !== pins.teamId
  if (elsewhere) return 'you belong to another workspace'
  return /^[UW][A-Z0-9]+$/.test(caller.user) ? undefined : 'it does not say who you are'
}

/** The people of a plan as its file says now; an empty list is nobody. */
export type People = Pick<Plan['slack'], 'requesters' | 'approvers' | 'twoPeople' | 'breakGlass'>

export type Deed =
  | { readonly kind: 'request'; readonly flow: 'failover' | 'failback' | 'drill' }
  /** Reading something that was put into a run's thread. */
  | { readonly kind: 'scan' }
  | { readonly kind: 'approve'; readonly requestedBy: string; readonly twoPeople: boolean }
  | { readonly kind: 'break-glass' }
  | { readonly kind: 'dismiss'; readonly requestedBy: string }
  /**
   * A question of a run. `risky`: the option skips a step, or may lose or delete something · `ownApproval`: it is an
   * approval of its own, which no broken glass replaces · `shared`: two people answer for it anyway, one after the
   * other · `notBy`: whose word counts already.
   */
  | {
      readonly kind: 'answer'
      readonly requestedBy: string
      readonly risky: boolean
      readonly ownApproval: boolean
      readonly shared: boolean
      readonly notBy: readonly string[]
      readonly glassBy?: string
    }
  | { readonly kind: 'signal'; readonly signal: 'pause' | 'abort' }
  /** Taking a run over. `unseen`: on somebody's word that nothing carries it out any more. */
  | { readonly kind: 'resume'; readonly unseen: boolean }

/** Whether `user` may do that; the refusal names who may. */
export function mayNot(user: string, people: People, deed: Deed): DrError | undefined {
  const { what, who } = allowed(people, deed)
  if (!who.includes(user)) return drError('NOT_ALLOWED', { what, who: [...new Set(who)] })
  if (deed.kind === 'answer' && deed.notBy.includes(user))
    return drError('SAME_PERSON', { who: who.filter((id) => !deed.notBy.includes(id)) })
  return needsAnother(user, people, deed) ? drError('OWN_REQUEST', {}) : undefined
}

/** Where two people are required, who asked for a run takes none of its risks alone: unless they broke the glass. */
function needsAnother(user: string, people: People, deed: Deed): boolean {
  if (deed.kind === 'approve') return (deed.twoPeople || people.twoPeople) && user === deed.requestedBy
  if (deed.kind !== 'answer' || !deed.risky || deed.shared || !people.twoPeople) return false
  return user === deed.requestedBy && user !== deed.glassBy
}

function allowed(people: People, deed: Deed): { what: string; who: readonly string[] } {
  const { requesters, approvers, breakGlass } = people
  switch (deed.kind) {
    case 'request':
      return { what: `ask for a ${deed.flow} of this plan`, who: requesters }
    case 'scan':
      return { what: 'have a Terraform plan read for this run', who: [...requesters, ...approvers] }
    case 'approve':
      return { what: 'approve this run', who: approvers }
    case 'break-glass':
      return { what: 'break the glass for this plan', who: breakGlass }
    case 'dismiss':
      return { what: 'dismiss this card', who: [...still(people, deed.requestedBy), ...approvers] }
    case 'answer': {
      if (deed.ownApproval) return { what: 'choose that for this run', who: approvers }
      const glass = deed.glassBy && breakGlass.includes(deed.glassBy) ? [deed.glassBy] : []
      const who = [...approvers, ...glass]
      return deed.risky
        ? { what: 'choose that for this run', who }
        : { what: 'decide for this run', who: [...who, ...still(people, deed.requestedBy)] }
    }
    case 'resume':
      return {
        what: 'take this run over',
        who: [...approvers, ...breakGlass, ...(deed.unseen ? [] : requesters)],
      }
    case 'signal':
      return { what: `${deed.signal} this run`, who: [...requesters, ...approvers, ...breakGlass] }
  }
}

/** Who asked for a run, if the plan still lets them ask. */
const still = ({ requesters }: People, user: string) => (requesters.includes(user) ? [user] : [])
