import type { Caller, SignedCaller } from '../aws/caller.ts'
import type { Clock, FlowEngine, Journal } from '../engine/ports.ts'
import type { PlannedCall } from '../engine/run.ts'
import type { Outside } from '../flows/world.ts'
import type { Plans } from '../plan/plans.ts'
import type { Plan } from '../plan/schema.ts'

/** What the desk works with: given by the composition, so that AWS, one machine and tests differ only there. */
export type Parts = {
  readonly plans: Plans
  readonly journal: Journal
  readonly engine: FlowEngine
  /** Asks AWS whose credentials have signed that; absent where nobody can ask from a terminal. */
  readonly caller?: (signed: SignedCaller) => Promise<Caller>
  /** Engines in reach that start nothing for this process: a terminal can stop and answer what they carry out. */
  readonly others?: readonly FlowEngine[]
  /** This process ends with the run it carries out: what lasts for days is left to a bot. */
  readonly passing?: true
  /** World time: AWS, polls, timestamps of the journal. */
  readonly clock: Clock
  /** People's time: deadlines of cards. On AWS the same clock. */
  readonly people: Clock
  /** Loads the AWS clients when it is first called. */
  outside(plan: Plan): Promise<Outside>
  /** The text of a file that somebody put into Slack. Rejects with FILE_UNUSABLE. */
  readFile(file: { readonly name: string; readonly url: string }): Promise<string>
  /** The journal is of this machine alone: it shares no lock with anybody, and what is proposed says so. */
  readonly alone?: true
  /** Everything here is simulated: its runs are marked, and count for nothing but each other. */
  readonly rehearsal?: true
  /** Runs an act with every changing call captured instead of sent. */
  record(act: () => Promise<unknown>): Promise<readonly Omit<PlannedCall, 'step'>[]>
}
