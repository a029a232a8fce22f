import { App, type Context, type Receiver } from '@slack/bolt'
import { Front, type FrontDeps } from './front.ts'
import { slackLogger } from './log.ts'
import { onClick } from './on-click.ts'
import { onCommand } from './on-command.ts'
import { onMessage } from './on-message.ts'
import { onSubmit } from './on-submit.ts'

/**
 * The Bolt app behind the receiver: verify (the receiver), parse, authorise, one conditional write, wake the worker,
 * answer. Calls nobody when it is made: `authorize` answers from what is known, so a Slack that is down at a cold
 * start does no harm. Every listener takes whatever comes and answers it, so that nothing is met by silence.
 */
export function slackApp(deps: FrontDeps & { readonly receiver: Receiver }): App {
  const front = new Front(deps)
  const app = new App({
    receiver: deps.receiver,
    authorize: async () => ({}),
    convoStore: false,
    ignoreSelf: false,
    extendedErrorHandler: true,
    logger: slackLogger(deps.log),
  })

  app.command(/.*/, async ({ body, ack, context }) => {
    const { text, blocks } = await onCommand(front, body, requestIdOf(context))
    await ack({ response_type: 'ephemeral', text, blocks })
  })
  app.action(/.*/, async ({ body, ack, context }) => {
    await ack()
    await onClick(front, body, requestIdOf(context))
  })
  app.view(/.*/, async ({ body, ack, context }) => {
    const errors = await onSubmit(front, body, requestIdOf(context))
    await (errors ? ack(errors) : ack())
  })
  app.event(/.*/, ({ body }) => onMessage(front, body))
  // Without this, Bolt would swallow a failure and the receiver could not tell.
  app.error(async ({ error }: { error: Error }) => {
    throw error
  })
  return app
}

/** Set by the receiver; a request without it could not be told from its replay. */
function requestIdOf({ requestId }: Context): string {
  if (typeof requestId !== 'string') throw new Error('the receiver gave no request id')
  return requestId
}
