import type { Button } from '@slack/types'
import { z } from 'zod'
import type { Simulation } from '../aws/simulator.ts'
import { apps } from '../aws/world/world.ts'
import { attach } from '../slack/attach.ts'
import {
  type Delivery,
  deliverClick,
  deliverClose,
  deliverCommand,
  deliverSubmission,
} from '../slack/deliver.ts'
import { personOf } from '../slack/open.ts'
import { planFile, planFileKinds } from './plan-files.ts'
import type { Acts } from './server.ts'

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
const Reach = z.object({ up: z.boolean() })
const Closing = z.object({ as: As })
const Attached = z.object({
  as: As,
  thread: z.string(),
  comment: z.string().max(4_000).default(''),
  file: z.union([
    z.object({ app: z.enum(apps), kind: z.enum(planFileKinds) }),
    z.object({ name: z.string().min(1).max(200), content: z.string() }),
  ]),
})

/** What a person can do in the channel; resolves when the app has answered, as a Slack client's spinner would end. */
export function channelActs(to: Delivery, simulation: Simulation): Acts {
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
    slack(body) {
      const { faults } = to.proxy
      faults.splice(0)
      if (!Reach.parse(body).up) faults.push({ method: '*', kind: 'down', times: Number.POSITIVE_INFINITY })
    },
    close: (body) => deliverClose(to, Closing.parse(body).as),
    async attach(body) {
      const { as, thread, comment, file } = Attached.parse(body)
      await attach(to, as, { thread, comment, ...fileOf(simulation, file) })
    },
  }
}

/** A ready-made Terraform plan fits who serves now. */
function fileOf(simulation: Simulation, file: z.infer<typeof Attached>['file']) {
  if ('content' in file) return file
  const { record } = simulation.state().apps[file.app].dns
  return planFile(file.app, file.kind, record === 'dr' ? 'dr' : 'home')
}
