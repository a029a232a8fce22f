import { app, cast, parts, workspace } from './cast.ts'
import type { Delivery } from './deliver.ts'
import { startFakeSlack } from './fake.ts'
import type { SlackIds } from './flags.ts'
import { startSlackProxy } from './proxy.ts'
import { Room } from './room.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/**
 * The Slack a rehearsal works with. `bundled`: its channel can be shown and played in; absent with a foreign one.
 * `workspace`: a real one's tokens, which are told nobody but the bot.
 */
export type SlackSide = {
  readonly ids: SlackIds
  readonly breakGlass: readonly string[]
  readonly bundled?: Delivery
  readonly workspace?: Pick<Workspace, 'token' | 'appToken'>
  close(): Promise<void>
}

export type Secret = { readonly signing: string; readonly token: string }

/** Opens the bundled Slack, or takes the foreign one as it is. `front` says where things are to be delivered. */
export async function openSlack(
  { slack: foreign, workspace: real }: { readonly slack?: SlackIds; readonly workspace?: Workspace } = {},
  secret: Secret,
  front: () => string,
): Promise<SlackSide> {
  if (real) return openWorkspace(real)
  if (foreign) return { ids: foreign, breakGlass: foreign.requesters, close: async () => {} }
  const fake = await startFakeSlack(secret.token)
  const room = new Room()
  const proxy = await startSlackProxy(fake.url, secret.token, room)
  return {
    ids: {
      api: `${proxy.url}/api/`,
      token: secret.token,
      appId: app.appId,
      teamId: workspace.teamId,
      channel: workspace.channel,
      requesters: [...parts.requesters],
      approvers: [...parts.approvers],
    },
    breakGlass: parts.breakGlass,
    bundled: {
      room,
      proxy,
      slackUrl: fake.url,
      token: secret.token,
      signingSecret: secret.signing,
      front,
    },
    async close() {
      await proxy.close()
      await fake.close()
    },
  }
}

/** A member of the bundled Slack by id. */
export const personOf = (id: unknown) => cast.find((person) => person.id === id)
