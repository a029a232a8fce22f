import type { Clients } from '../aws/clients.ts'
import type { Clocks } from '../aws/look.ts'
import type { Plans } from '../plan/plans.ts'

/** The bot as it is configured, as far as that could be understood; what could not is among the faults. */
export type Configured = {
  readonly faults: readonly string[]
  readonly plans: Plans
  readonly journal?:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'dynamodb'; readonly region: string; readonly table: string }
  /** `alias`: the durable function's, a qualified ARN or NAME:ALIAS. */
  readonly engine?:
    | { readonly kind: 'local'; readonly file: string }
    | { readonly kind: 'lambda'; readonly alias: string; readonly region: string }
  readonly slack?: {
    /** Rejects when the secrets cannot be read. */
    readonly token: () => Promise<string>
    /** Where the secrets are kept, in words; absent: in this process's environment. */
    readonly kept?: string
    readonly appId: string
    readonly teamId: string
    readonly enterpriseId?: string
    readonly apiUrl?: string
  }
}

/** What `doctor` looks at, and through what. */
export type Patient = Configured & {
  /** Of this process: `24.21.0`. */
  readonly node: string
  readonly clients: Clients
  readonly clocks: Clocks
  /** Endpoints by region and by service, in rehearsals and tests; absent: AWS's own. */
  readonly endpoints?: Readonly<Record<string, string>>
}
