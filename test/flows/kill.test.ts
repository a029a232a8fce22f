import { describe, expect, it } from 'vitest'
import type { Question } from '../../src/engine/run.ts'
import type { Mode } from '../../src/flows/world.ts'
import { Crash } from '../engine/fake-host.ts'
import { Rig } from './rig.ts'

const IRREVERSIBLE = /^(FailoverGlobalCluster|SwitchoverGlobalCluster|RemoveFromGlobalCluster)/

async function begin(mode: Mode): Promise<Rig> {
  const rig = new Rig('orders', 3)
  await rig.after(60)
  if (mode !== 'planned') await rig.after(30, 'home', 'mute')
  return rig
}

/** Where acting begins and ends: the other modes share the rest with the emergency, boundary by boundary. */
const ACTS = /:(act|acted)$/

/**
 * Where a run can die, each kind of boundary once, however often a wait passes it. Right after something was told is
 * the same as right before whatever comes next.
 */
async function boundariesOf(mode: Mode): Promise<readonly (readonly [number, string])[]> {
  const rig = await begin(mode)
  const { passed } = await rig.run(mode)
  return passed
    .map((label, index) => [index + 1, label] as const)
    .filter(([at, label]) => passed.indexOf(label) === at - 1 && !label.startsWith('after telling'))
    .filter(([, label]) => mode === 'emergency' || ACTS.test(label))
}

describe.each(['emergency', 'planned', 'detach'] as const)('%s, killed', async (mode) => {
  it.each(await boundariesOf(mode))(
    'at boundary %i (%s): it resumes, and AWS is asked once',
    async (dieAt) => {
      const rig = await begin(mode)
      await expect(rig.run(mode, { dieAt })).rejects.toThrow(Crash)
      // A bot that died is back after two seconds.
      await rig.after(2)
      const asked: Question[] = []
      const end = await rig.run(mode, {
        answer: (question) => {
          asked.push(question)
          return { option: 'retry', by: 'U1' }
        },
      })
      expect(end.outcome).toBe('done')
      expect(rig.changes().filter((call) => IRREVERSIBLE.test(call))).toHaveLength(1)
      // The one thing that only a person can decide: whether an act was sent before the bot died.
      expect(asked.length).toBeLessThanOrEqual(1)
      await rig.after(90)
      expect(rig.simulation.slo('orders').successNow).toBe(1)
    },
  )
})
