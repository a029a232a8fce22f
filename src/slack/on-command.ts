import { drError } from '../engine/errors.ts'
import type { Ask } from './asks.ts'
import { outside } from './authorise.ts'
import { type Message, plain } from './blocks.ts'
import { type Command, GRAMMAR, parseCommand } from './commands.ts'
import type { Front } from './front.ts'
import { type Typed, typed } from './incoming.ts'
import { refusal } from './judge.ts'
import { cut } from './limits.ts'
import { help } from './views/help.ts'
import { said } from './views/told.ts'

/** Answers a slash command at once; what is slow goes to the worker. Never throws. */
export async function onCommand(front: Front, body: unknown, requestId: string): Promise<Message> {
  try {
    const request = typed(body)
    const refused = outside(front.deps.pins, request.caller)
    if (refused) throw refused
    front.mustBePlanChannel(request.channel)
    return await carry(front, request, parseCommand(request.text), requestId)
  } catch (error) {
    return front.explain(error)
  }
}

async function carry(front: Front, request: Typed, command: Command, requestId: string): Promise<Message> {
  const { slash, channel } = request
  const asker = { by: request.caller.user, channel }
  const { stamp } = front.deps
  switch (command.kind) {
    case 'help':
      return help(slash, command.topic, stamp)
    case 'unknown':
      throw drError('COMMAND_UNKNOWN', {
        text: cut(plain(command.text).replaceAll('`', 'ˋ'), 60),
        ...(command.nearest ? { nearest: `${slash} ${command.nearest}` } : {}),
      })
    case 'misused':
      throw drError('COMMAND_MISUSED', {
        command: `${slash} ${command.command}`,
        why: command.why,
        usage: plain(GRAMMAR[command.command].usage),
      })
    case 'status':
    case 'check':
      if (command.plan !== undefined) front.plan(command.plan)
      await front.offer(requestId, { ...asker, ...command })
      return said(
        `${command.kind === 'check' ? 'Checking' : 'Looking at'} ${command.plan ?? 'all plans'} in both regions; the answer follows here.`,
        stamp,
      )
    case 'runs':
      await front.offer(requestId, { ...asker, ...command })
      return said('Looking up what is under way; the answer follows here.', stamp)
    case 'history':
      if (command.plan !== undefined) front.plan(command.plan)
      await front.offer(requestId, { ...asker, ...command })
      return said('Looking up past runs; the answer follows here.', stamp)
    case 'failover':
    case 'failback':
    case 'drill':
      return propose(front, { ...asker, ...command }, requestId)
  }
}

/** A run is asked for: the worker looks and puts its card up, or answers what it would do. */
async function propose(front: Front, ask: Proposing, requestId: string): Promise<Message> {
  const plan = front.plan(ask.plan)
  const refused = refusal(ask, { plan, now: front.deps.now() })
  if (refused) throw refused
  await front.offer(requestId, ask)
  return said(
    ask.dryRun
      ? `Working out what a ${ask.kind} of *${plan.name}* would do; nothing will be changed.`
      : `Looking at *${plan.name}* in both regions; its plan card follows in <#${plan.slack.channel}>. Nothing is changed before it is approved.`,
    front.deps.stamp,
  )
}

type Proposing = Extract<Ask, { readonly dryRun: boolean }>
