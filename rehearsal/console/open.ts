import type { Simulation } from '../aws/simulator.ts'
import type { Listening } from '../http.ts'
import { app, cast, channelName, workspace } from '../slack/cast.ts'
import type { SlackSide } from '../slack/open.ts'
import type { Bot } from '../supervise.ts'
import { channelActs } from './channel-acts.ts'
import type { Picture } from './picture.ts'
import { startConsole } from './server.ts'
import { worldActs } from './world-acts.ts'
import { worldPicture } from './world-picture.ts'

type Shown = { readonly simulation: Simulation; readonly bot: Bot; readonly slack: SlackSide }

/** The console over a running rehearsal. */
export function openConsole(port: number, shown: Shown): Promise<Listening> {
  const { slack } = shown
  const acts = {
    ...worldActs(shown),
    ...(slack.bundled ? channelActs(slack.bundled, shown.simulation) : {}),
  }
  return startConsole(port, () => pictureOf(shown), acts)
}

function pictureOf({ simulation, bot, slack }: Shown): Picture {
  const { bundled, ids } = slack
  const room = bundled?.room
  return {
    ...worldPicture(simulation),
    bot: { up: bot.up, starts: bot.starts },
    ...(room
      ? {
          channel: {
            id: workspace.channel,
            name: channelName,
            people: cast,
            messages: room.messages,
            desks: room.desks,
            botUser: app.botUserId,
          },
        }
      : { foreignSlack: ids.api }),
  }
}
