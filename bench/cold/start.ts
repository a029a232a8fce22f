// One cold start, in a process of its own: argv = bundle, event as JSON. Prints {"importMs","firstWriteMs","status"}.
import { pathToFileURL } from 'node:url'

type Handler = (event: unknown, context: unknown) => Promise<{ statusCode?: number }>

const [, , file = '', event = ''] = process.argv
const begun = performance.now()
const { handler } = (await import(pathToFileURL(file).href)) as { handler: Handler }
const imported = performance.now()
const answer = await handler(JSON.parse(event), {})
const done = performance.now()
process.stdout.write(
  JSON.stringify({ importMs: imported - begun, firstWriteMs: done - begun, status: answer.statusCode }),
)
// The journal and Bolt keep handles; on Lambda the process is frozen here.
process.exit(0)
