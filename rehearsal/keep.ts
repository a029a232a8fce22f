import { isChange } from './aws/calls.ts'
import type { Simulation } from './aws/simulator.ts'
import type { ClockState } from './clock.ts'
import type { StateFolder } from './state.ts'

/** How often the world is written down, people's ms. */
const WRITE_MS = 500
/** How soon others hear of a clock that runs at another speed, or was moved, people's ms. */
const TELL_MS = 50

/** A rehearsal's world as its folder keeps it; `now`: the latest world time that anybody can have seen. */
export type Saved = { readonly now: number; readonly scale: number; readonly world: unknown }
const savedWorld = 'world.json'
/** What other processes need to know: the terminal reads it. */
export const description = 'rehearsal.json'

export const readSaved = (state: StateFolder) => state.read<Saved>(savedWorld)

/**
 * Keeps the folder abreast of the world: the world itself twice a second, at the end, and before any change asked of it
 * is answered (what a run was told has happened must still have happened after a crash); and the description whenever
 * what `describe` gives has changed. `onClock` hears of every change of the clock's pace.
 */
export function keep(
  state: StateFolder,
  simulation: Simulation,
  describe: () => object,
  onClock: (clock: ClockState) => void,
): { stop(): void } {
  const { clock } = simulation
  let told = ''
  const tell = () => {
    const now = JSON.stringify({ ...describe(), clock: clock.state() })
    if (now === told) return
    told = now
    state.write(description, JSON.parse(now))
    onClock(clock.state())
  }
  const write = (aheadMs = 2 * WRITE_MS) => {
    const saved: Saved = {
      now: clock.now() + aheadMs * clock.scale,
      scale: clock.scale,
      world: simulation.save(),
    }
    state.write(savedWorld, saved)
  }
  tell()
  write()
  simulation.calls.performed = ({ operation }) => {
    if (isChange(operation)) write()
  }
  const timers = [setInterval(tell, TELL_MS), setInterval(() => write(), WRITE_MS)]
  return {
    stop() {
      for (const timer of timers) clearInterval(timer)
      simulation.calls.performed = () => {}
      write(0)
      state.remove(description)
    },
  }
}
