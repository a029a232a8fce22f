import type { Answer, Question } from './run.ts'

/** What a step saw when it looked at the world. */
export type Observation = {
  /**
   * `done` skip, and say so · `ready` act · `pending` a change is under way, ours or somebody's: adopt it, wait ·
   * `blocked` stop before anything is changed · `unknown` could not look: never treated as `done` · `asking` a person
   * has to say something first: the step's `asks` says what.
   */
  readonly state: 'done' | 'ready' | 'pending' | 'blocked' | 'unknown' | 'asking'
  /** One sentence an operator can weigh; durations as `2m 11s`. */
  readonly detail: string
}

/** What an act left behind as evidence: request ids, what was asked of whom. */
export type Receipt = { readonly evidence: readonly string[] }

/** One line of a runbook. `observe` is precheck, idempotency guard and verification in one. */
export type Step<World> = {
  /** Static kebab-case, never renamed once released: it keys the journal and the history. */
  readonly id: string
  readonly title: string
  /** Read-only, and quick: at most one probe deadline. */
  readonly observe: (world: World) => Promise<Observation>
  /** How long the step may stay short of `done` before a person is asked; `none` for patient watches. */
  readonly timeoutMinutes: number | 'none'
  /** Pause between two looks while waiting. Default 3. */
  readonly pollSeconds?: number
  /** Sights that differ in their words only are told at most this often: for watches that last hours. */
  readonly heartbeatMinutes?: number
  /** What a person is asked when `observe` says `asking`; afterwards the step is looked at again. */
  readonly asks?: Asks<World>
  /** Could not look, or did not get there: recorded as *owed*, and the flow goes on. */
  readonly bestEffort?: true
  /**
   * Its act does one part of what there is to do: once that was seen on its way (`pending`), `ready` means the next
   * part, and is acted on without asking anybody. For acts that can be taken back; `observe` bounds how many there are.
   */
  readonly inParts?: true
  /** Why skipping would be unsafe; such a step is never offered to be skipped. */
  readonly unskippable?: string
  /** Further choices for a person when the step is stuck, beside retry, skip and abort. */
  readonly whenStuck?: readonly Remedy<World>[]
  /** A change that must not outlast hesitation: undone by itself this long after it, unless `heldUntil` has acted. */
  readonly holdSeconds?: number
  /** The id of the step whose act ends the hold. */
  readonly heldUntil?: string
  /** Undo of what `act` did, run when the flow is aborted before the point of no return. */
  readonly undo?: (world: World) => Promise<Receipt>
} & (
  | { readonly act?: never; readonly irreversible?: never }
  | {
      /** Asks for the change and returns; never waits. Called only when `observe` says `ready`. */
      readonly act: (world: World) => Promise<Receipt>
      /** `false`, or what cannot be taken back, in words an operator can weigh: the approval card prints it. */
      readonly irreversible: false | string
    }
)

/** A way out of a stuck step that a person may choose: acts once, then the step is looked at again. */
export type Remedy<World> = {
  readonly id: string
  readonly label: string
  /** What it does and risks, one sentence. */
  readonly explain: string
  readonly act: (world: World) => Promise<Receipt>
}

/**
 * A person's part in a step: an approval of its own, a choice, a word that something outside was done. The engine asks
 * it as a question of the run and offers *Abort* beside the options; an option marked `twoPeople` counts only once
 * somebody else has confirmed it.
 */
export type Asks<World> = {
  /** Read when the question is put: what is known then, in words that can be weighed. */
  readonly question: (world: World) => Promise<Asking>
  /**
   * Keeps what was said, as notes, or asks AWS for what was chosen. At least once, so it must be idempotent. Evidence
   * says that something was asked for: without an act of its own the step then counts as having changed something.
   */
  readonly heard: (world: World, answer: Answer) => Promise<Receipt>
}
export type Asking = Pick<Question, 'title' | 'detail' | 'options'>

/** A runbook: a flat list of steps whose titles read in order are the procedure. */
export type Flow<World> = {
  readonly name: string
  readonly title: string
  readonly steps: readonly Step<World>[]
  /**
   * The steps are duties: looked at in turn, again and again, none waiting for another, until all are done or somebody
   * ends the run. Duties are best effort, ask nobody, and have nothing irreversible in them.
   */
  readonly duties?: true
}

export const defineStep = <World>(step: Step<World>): Step<World> => step

/** A flow as it is given. Throws where its duties could not be tended: that is a bug in the flow. */
export function defineFlow<World>(flow: Flow<World>): Flow<World> {
  if (flow.duties) assertDuties(flow)
  return flow
}

/** Nobody stands by while duties are tended, so none of them may need a person, or change anything for good. */
export function assertDuties<World>({ name, steps }: Flow<World>): void {
  for (const { id, irreversible, asks } of steps) {
    if (irreversible) throw new Error(`the duty “${id}” of “${name}” cannot be taken back`)
    if (asks) throw new Error(`the duty “${id}” of “${name}” asks people`)
  }
}
