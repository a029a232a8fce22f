import type { IncomingHttpHeaders } from 'node:http'

const names = ['127.0.0.1', 'localhost', '[::1]']

/** Whether a request was meant for this machine by its name, and came from no page, or from one of its own. */
export function isLocal({ host = '', origin }: IncomingHttpHeaders): boolean {
  const target = parse(`http://${host}`)
  if (!target || !names.includes(target.hostname)) return false
  return origin === undefined || parse(origin)?.host === target.host
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}
