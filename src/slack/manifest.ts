import type { AppsManifestCreateArguments } from '@slack/web-api'

/** An app's manifest, as Slack's own package types it. */
export type SlackManifest = AppsManifestCreateArguments['manifest']

export type ManifestWish = {
  /** The slash command: `/dr`, and another one for every further app in the workspace. */
  readonly command: string
  /** Where Slack delivers requests; absent: over Socket Mode, which needs no address. */
  readonly url?: string
}

/** Stands for the address that is known only after the first deployment. Nobody listens there. */
export const UNKNOWN_URL = 'https://understudy.invalid/'

/** Without these there is no bot; what the rest is for is said beside it. */
const NEEDED = ['commands', 'chat:write'] as const
/**
 * Left out at installation, the bot works on: Terraform plans that are put into a thread are not read then, and after a
 * lost answer of Slack a message may be posted twice. Each history is for one kind of channel, public or private.
 */
const OPTIONAL = ['channels:history', 'groups:history', 'files:read'] as const

/**
 * The manifest of an app of that command: what "create from a manifest" takes. No scope, event or feature that the code
 * does not use; no token rotation, whose refreshing could fail in a disaster.
 */
export function slackManifest({ command, url }: ManifestWish): SlackManifest {
  const which = command.replace(/^\/(dr-?)?/, '')
  const at = url === undefined ? {} : { request_url: url }
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name: which ? `Understudy ${which}` : 'Understudy',
      description: 'Moves AWS applications to their DR region and home again, and says what it is doing.',
      background_color: '#1d3557',
    },
    features: {
      bot_user: { display_name: which ? `understudy-${which}` : 'understudy', always_online: true },
      slash_commands: [
        {
          command,
          ...(url === undefined ? {} : { url }),
          description: 'DR status, failover, failback and drills',
          usage_hint: 'status [plan] | failover plan | failback plan | drill plan | runs | history | help',
          should_escape: false,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...NEEDED, ...OPTIONAL], bot_optional: [...OPTIONAL] } },
    settings: {
      event_subscriptions: { ...at, bot_events: ['message.channels', 'message.groups'] },
      interactivity: { is_enabled: true, ...at },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  }
}
