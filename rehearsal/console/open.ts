import type { Button } from '@slack/types'
import { z } from 'zod'
import type { Simulation } from '../aws/simulator.ts'
import { regions } from '../aws/world/world.ts'
import type { Listening } from '../http.ts'
import { app, cast, channelName, workspace } from '../slack/cast.ts'
import {
  type Delivery,
  deliverClick,
  deliverClose,
  deliverCommand,
  deliverSubmission,
} from '../slack/deliver.ts'
import { personOf, type SlackSide } from '../slack/open.ts'
import type { Bot } from '../supervise.ts'
import type { Picture } from './picture.ts'
import { type Acts, startConsole } from './server.ts'
import { worldPicture } from './world-picture.ts'

type Shown = { readonly simulation: Simulation; readonly bot: Bot; readonly slack: SlackSide }

/** The console over a running rehearsal. */
export function openConsole(port: number, shown: Shown): Promise<Listening> {
  const { slack } = shown
  const acts = { ...worldActs(shown), ...(slack.bundled ? channelActs(slack.bundled) : {}) }
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

const Outage = z.object({ kind: z.enum(['drop', 'mute', 'refuse', 'reset', '5xx', 'slow']).optional() })
const Scale = z.object({ scale: z.number().min(0).max(3600) })

function worldActs({ simulation, bot }: Shown): Acts {
  return {
    outage: (body) => simulation.outage(regions.home, Outage.parse(body).kind),
    kill: () => bot.kill(),
    scale: (body) => simulation.clock.setScale(Scale.parse(body).scale),
  }
}

const As = z.string().transform((id, context) => {
  const person = personOf(id)
  if (person) return person
  context.addIssue(`${id} is not in the channel`)
  return z.NEVER
})
const Command = z.object({ as: As, line: z.string().min(1).max(4_000) })
const Click = z.object({
  as: As,
  ts: z.string(),
  blockId: z.string(),
  button: z.looseObject({ type: z.literal('button') }),
})
const Submission = z.object({ as: As, values: z.record(z.string(), z.record(z.string(), z.unknown())) })
const Closing = z.object({ as: As })

/** What a person can do in the channel; resolves when the app has answered, as a Slack client's spinner would end. */
function channelActs(to: Delivery): Acts {
  return {
    command(body) {
      const { as, line } = Command.parse(body)
      return deliverCommand(to, as, line)
    },
    async click(body) {
      const { as, ts, blockId, button } = Click.parse(body)
      const message = to.room.find(ts)
      if (message) await deliverClick(to, as, message, button as unknown as Button, blockId)
    },
    submit(body) {
      const { as, values } = Submission.parse(body)
      return deliverSubmission(to, as, values)
    },
    close: (body) => deliverClose(to, Closing.parse(body).as),
  }
}
