import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { LocalEngine } from '../../src/durable/local-engine.ts'
import type { MakeHandler, OpenStage, Stage } from './engine-conformance.ts'
import { START } from './rig.ts'

/** The local engine on a file of its own. */
export const localStage: OpenStage = async (handler, options = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-engine-'))
  const open = (make: MakeHandler, clock: WorldClock): Stage => {
    const engine = new LocalEngine({ file: join(folder, 'engine.db'), clock, handler: make, ...options })
    let isOpen = true
    const giveUp = async () => {
      if (isOpen) await engine.close()
      isOpen = false
    }
    return {
      engine,
      clock,
      idle: () => engine.idle(),
      operations: async (name) =>
        engine
          .operations(`local:${name}`)
          .slice(1)
          .map(({ Id = '', Name = '', Status = '', CallbackDetails }) => ({
            ...{ id: Id, name: Name, status: Status },
            ...(CallbackDetails?.CallbackId ? { callbackId: CallbackDetails.CallbackId } : {}),
          })),
      heartbeat: (callbackId) => engine.heartbeat(callbackId),
      close: async () => {
        await giveUp()
        rmSync(folder, { recursive: true, force: true })
      },
      async reopen(next) {
        await giveUp()
        const stage = open(next, manualClock(clock.now()))
        ;(stage.engine as LocalEngine).recover()
        return stage
      },
    }
  }
  return open(handler, manualClock(START))
}
