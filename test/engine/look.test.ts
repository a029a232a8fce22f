import { describe, expect, it } from 'vitest'
import { patience } from '../../src/engine/look.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow, defineStep, type Observation } from '../../src/engine/step.ts'
import { fakeHost, Memory } from './fake-host.ts'

const MINUTE = 60_000

/** A patient step that sees this, by the minutes that have passed. */
async function watched(heartbeatMinutes: number | undefined, sight: (minutes: number) => Observation) {
  const memory = new Memory()
  const begun = memory.now
  let looks = 0
  const step = defineStep<undefined>({
    id: 'resync',
    title: 'Resync',
    timeoutMinutes: 'none',
    ...(heartbeatMinutes === undefined ? {} : { heartbeatMinutes }),
    async observe() {
      looks++
      return sight((memory.now - begun) / MINUTE)
    },
  })
  const told: [minute: number, what: string][] = []
  const { host } = fakeHost(memory)
  const record = host.inside.record
  host.inside.record = (key, event) => {
    if (event.type === 'step') told.push([(memory.now - begun) / MINUTE, `${event.state} ${event.detail}`])
    return record(key, event)
  }
  await runFlow(defineFlow<undefined>({ name: 'f', title: 'F', steps: [step] }), undefined, host)
  return { told, looks }
}

const lag = (minutes: number): Observation =>
  minutes < 180
    ? { state: 'pending', detail: `lag ${Math.floor(180 - minutes)} min` }
    : { state: 'done', detail: 'connected' }

describe('a patient watch', () => {
  it('is told once per heartbeat where only its words change', async () => {
    const { told } = await watched(15, lag)
    const minutes = told.slice(0, -2).map(([minute]) => minute)
    expect(minutes[0]).toBe(0)
    for (const [index, minute] of minutes.slice(1).entries()) {
      const seconds = Math.round((minute - (minutes[index] ?? 0)) * 60)
      expect(seconds).toBeGreaterThanOrEqual(15 * 60)
      expect(seconds).toBeLessThan(17 * 60)
    }
    expect(minutes.length).toBeGreaterThan(10)
    expect(told.at(-1)?.[1]).toBe('done connected')
  })

  it('tells a change of what is seen at once, and words that have waited for the heartbeat with it', async () => {
    const { told } = await watched(600, (minutes) => {
      if (minutes < 30) return lag(minutes)
      return minutes < 60
        ? { state: 'unknown', detail: 'home is dark' }
        : { state: 'done', detail: 'connected' }
    })
    expect(told.map(([, what]) => what)).toEqual([
      ...['waiting lag 180 min', 'looking home is dark', 'looking connected', 'done connected'],
    ])
    expect(told[1]?.[0]).toBeGreaterThanOrEqual(30)
    expect(told[1]?.[0]).toBeLessThan(32)
  })

  it('tells every word where no heartbeat is asked for', async () => {
    expect((await watched(undefined, lag)).told.length).toBeGreaterThan(150)
  })

  it('does not tell again what it has told, however long it stays so', async () => {
    const still = await watched(15, (minutes) => ({
      state: minutes < 300 ? 'pending' : 'done',
      detail: 'silence',
    }))
    expect(still.told.map(([, what]) => what)).toEqual(['waiting silence', 'looking silence', 'done silence'])
  })

  it('takes few looks for hours', async () => {
    expect((await watched(15, (m) => (m < 360 ? lag(0) : lag(180)))).looks).toBeLessThan(450)
  })
})

it('is late by a twentieth of what it has waited, from the pause that was asked for up to a minute', () => {
  expect([0, 1, 5, 20, 500].map((minutes) => patience(3, minutes * MINUTE))).toEqual([3, 3, 15, 60, 60])
  expect([0, 500].map((minutes) => patience(90, minutes * MINUTE))).toEqual([90, 90])
})
