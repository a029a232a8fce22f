const SLACKS_OWN = 'https://slack.com/api/'
const WAIT_MS = 1_500

/** What Slack answered: its error word where it was not `ok`, the token's scopes, and its Date. */
export type SlackAnswer = {
  readonly ok: boolean
  readonly error?: string
  readonly scopes?: readonly string[]
  readonly date: string | null
  readonly body: Readonly<Record<string, unknown>>
}
export type SlackAsk = (method: string, fields?: Readonly<Record<string, string>>) => Promise<SlackAnswer>

/** Calls of the Web API that only read, by hand: the client does not tell the headers. Rejects when Slack is silent. */
export function slackAsk(token: string, apiUrl = SLACKS_OWN): SlackAsk {
  return async (method, fields = {}) => {
    const response = await fetch(new URL(method, apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(fields),
      signal: AbortSignal.timeout(WAIT_MS),
      redirect: 'error',
    })
    const { headers, status } = response
    const body = status === 200 ? ((await response.json()) as Record<string, unknown>) : {}
    const scopes = headers.get('x-oauth-scopes')
    return {
      ok: body.ok === true,
      ...(body.ok === true ? {} : { error: String(body.error ?? `HTTP ${status}`) }),
      ...(scopes === null ? {} : { scopes: scopes.split(',').map((scope) => scope.trim()) }),
      date: headers.get('date'),
      body,
    }
  }
}
