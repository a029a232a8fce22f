import { once } from 'node:events'
import { type OpenBackends, openBackends } from '../src/app/backends.ts'
import { type Config, parseConfig } from '../src/app/config.ts'
import { composeFront } from '../src/app/serving/front.ts'
import { openServing } from '../src/app/serving/serving.ts'
import { composeSocketFront } from '../src/app/serving/socket-serving.ts'
import { durableHandler } from '../src/durable/host.ts'
import { lambdaClient, operationsAt } from '../src/durable/lambda-engine.ts'
import { loadPlans } from '../src/plan/loader.ts'
import { plansOf } from '../src/plan/plans.ts'
import { logTo } from '../src/slack/log.ts'
import { clockFrom, realClock, type WorldClock } from './clock.ts'
import { bodyOf, listen } from './http.ts'
import { slackHosts, stayOnThisMachine } from './isolation.ts'
import { type RuntimeHandler, startRuntime } from './runtime.ts'
import type { FromBot, ToBot } from './supervise.ts'

/**
 * The bot process of a rehearsal: the handlers and the engine, wired as on AWS but for the local backends. The world
 * starts it, may kill it at any moment, and is told where its front listens.
 */
async function main(): Promise<void> {
  const config = parseConfig(process.env)
  stayOnThisMachine(slackHosts(config.slack.apiUrl))
  const [first] = (await once(process, 'message')) as [ToBot]
  const clock = clockFrom(first.clock)
  process.on('message', (message: ToBot) => clock.adopt(message.clock))
  const bot = await openBot(config, clock)
  const end = () => void bot.close().finally(() => process.exit(0))
  process.once('SIGTERM', end)
  // Without its world it is nothing, however that ended.
  process.once('disconnect', end)
  // A Ctrl-C reaches both processes of the terminal; the world's SIGTERM follows.
  process.on('SIGINT', () => {})
  process.send?.({ frontPort: bot.frontPort } satisfies FromBot)
}

async function openBot(config: Config, clock: WorldClock) {
  const people = realClock()
  const log = logTo((line) => process.stderr.write(`${line}\n`))
  const plans = plansOf({ ...loadPlans(config.plans), commit: 'the copy of this rehearsal' })
  const backends = await openBackends(config, { clock, people, log })
  const { journal } = backends
  const serving = openServing(config, plans, withRuntime(config, backends))
  const parts = { plans, journal, people, log, wake: serving.wake }
  const socket = process.env.SLACK_APP_TOKEN ? composeSocketFront(config, parts) : undefined
  await socket?.start()
  const server = await serveFront(composeFront(config, parts))
  return {
    frontPort: server.port,
    async close() {
      await socket?.stop()
      await server.close()
      await serving.close()
      journal.close()
    },
  }
}

/** With runs on Lambda, this process is also the runtime that Lambda has carry them out. */
function withRuntime({ engine: at, endpoints }: Config, backends: OpenBackends): OpenBackends {
  const address = process.env.AWS_LAMBDA_RUNTIME_API
  if (at?.kind !== 'lambda' || !address) return backends
  const endpoint = endpoints?.lambda
  const client = operationsAt(lambdaClient({ region: at.region, ...(endpoint ? { endpoint } : {}) }))
  return {
    ...backends,
    engine(run) {
      const runtime = startRuntime(address, durableHandler(run, { client }) as RuntimeHandler)
      return Object.assign(backends.engine(run), { close: async () => runtime.close() })
    },
  }
}

/** The front on a loopback port: each request as the event a Lambda Function URL makes of it. */
async function serveFront(front: ReturnType<typeof composeFront>) {
  return listen(Number(process.env.UNDERSTUDY_FRONT_PORT ?? 0), async (request, response) => {
    const body = await bodyOf(request)
    const { method = 'GET', url = '/', headers } = request
    const answer = await front({
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body: body.toString('base64'),
      isBase64Encoded: true,
      requestContext: { http: { method } },
      ...{ version: '2.0', rawPath: url },
    })
    response.writeHead(answer.statusCode, answer.headers ?? {}).end(answer.body)
  })
}

await main()
