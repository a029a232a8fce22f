import type { WorkItem } from '../engine/ports.ts'
import type { Mode } from '../flows/world.ts'

/**
 * Who asks in a terminal: requests of `sts:GetCallerIdentity`, signed with the person's own AWS credentials and bound by
 * a signed header to this one ask; one for each region, because either may be dark. Whoever carries the ask out sends one.
 */
export type Proof = readonly {
  readonly region: string
  readonly headers: Readonly<Record<string, string>>
}[]

/**
 * What a person asked for in Slack, verified, parsed and authorised by the front, and written as one work item; or in a
 * terminal, with a proof of who they are. The worker carries it out and answers `by` (an ephemeral message in `channel`,
 * or in the journal). Nothing here is believed again at face value: the worker reads the run from the journal and
 * authorises once more.
 */
export type Ask = { readonly by: string; readonly channel: string; readonly proof?: Proof } & (
  | { readonly kind: 'status' | 'check'; readonly plan?: string }
  | { readonly kind: 'runs' }
  | { readonly kind: 'failover'; readonly plan: string; readonly mode?: Mode; readonly dryRun: boolean }
  | { readonly kind: 'failback'; readonly plan: string; readonly dryRun: boolean }
  | {
      readonly kind: 'drill'
      readonly plan: string
      readonly scope: 'full' | 'capacity'
      readonly dryRun: boolean
    }
  | { readonly kind: 'history'; readonly plan?: string }
  /** A Terraform plan (`terraform show -json`) that somebody put into a run's thread. */
  | {
      readonly kind: 'scan'
      readonly runId: string
      readonly file: { readonly name: string; readonly url: string; readonly size: number }
      /** sha256 of the binary plan file, where the message says it. */
      readonly planSha256?: string
      /** The message's timestamp: the verdict is posted once for it. */
      readonly message: string
    }
  | {
      readonly kind: 'approve'
      readonly runId: string
      readonly hash: string
      readonly reason: string
      readonly breakGlass: boolean
    }
  | { readonly kind: 'dismiss'; readonly runId: string }
  | {
      readonly kind: 'answer'
      readonly runId: string
      readonly question: string
      readonly option: string
      readonly reason?: string
      /** What was typed, where the choice wants a phrase. */
      readonly phrase?: string
    }
  | { readonly kind: 'signal'; readonly runId: string; readonly signal: 'pause' | 'abort' }
  /** `dead`: what was typed to say that nothing carries the run out any more, where that cannot be seen. */
  | { readonly kind: 'resume'; readonly runId: string; readonly reason?: string; readonly dead?: string }
)

/** What has to be typed where it cannot be seen that a run's execution is dead. */
export const deathPhrase = (runId: string): string => `${runId} is dead`

/** The ask as the journal keeps it, under the id of the request that carried it: a replayed request is no new ask. */
export const itemOf = (requestId: string, ask: Ask): WorkItem => ({
  id: requestId,
  kind: ask.kind,
  body: { ...ask },
})
/** What such an item asks. */
export const askOf = ({ body }: WorkItem): Ask => body as Ask
