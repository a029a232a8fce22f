import type { Step } from '../engine/step.ts'
import { otherSide, type SafeWorld, type World } from './world.ts'

/** The same world with the direction turned round; its notes are its own. */
function turned<W extends SafeWorld | World>(world: W): W {
  const { notes, from } = world
  return {
    ...world,
    from: otherSide(from),
    to: from,
    notes: {
      get: (name: string) => notes.get(`back:${name}`),
      set: (name: string, value: string) => notes.set(`back:${name}`, value),
    },
  }
}

/** A step the other way round, for the way back of a run that goes out and home again. `title` says which way it is. */
export function reversed<W extends SafeWorld | World>(step: Step<W>, title: string): Step<W> {
  const { observe, act, undo, asks, whenStuck, heldUntil } = step
  return {
    ...step,
    id: `${step.id}-back`,
    title,
    observe: (world: W) => observe(turned(world)),
    ...(act ? { act: (world: W) => act(turned(world)) } : {}),
    ...(undo ? { undo: (world: W) => undo(turned(world)) } : {}),
    ...(asks
      ? {
          asks: {
            question: (world: W) => asks.question(turned(world)),
            heard: (world: W, answer: Parameters<typeof asks.heard>[1]) => asks.heard(turned(world), answer),
          },
        }
      : {}),
    ...(whenStuck
      ? {
          whenStuck: whenStuck.map((remedy) => ({ ...remedy, act: (world: W) => remedy.act(turned(world)) })),
        }
      : {}),
    ...(heldUntil ? { heldUntil: `${heldUntil}-back` } : {}),
  } as Step<W>
}
