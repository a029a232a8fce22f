import { afterEach, describe, expect, test, vi } from 'vitest'
import { clockFrom, manualClock, realClock, scaledClock } from '../../rehearsal/clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('a clock moved by hand', () => {
  test('fires what becomes due in order, each at its own time, also what is asked for on the way', () => {
    const clock = manualClock(1_000)
    const fired: [string, number][] = []
    const mark = (name: string) => () => fired.push([name, clock.now()])
    clock.after(300, mark('late'))
    clock.after(100, () => {
      mark('early')()
      clock.after(50, mark('added'))
    })
    clock.after(300, mark('late, asked second'))
    clock.after(900, mark('beyond'))
    clock.advance(500)
    expect(fired).toEqual([
      ['early', 1_100],
      ['added', 1_150],
      ['late', 1_300],
      ['late, asked second', 1_300],
    ])
    expect(clock.now()).toBe(1_500)
    expect(clock.next()).toBe(1_900)
  })

  test('stands still by itself, and a cancelled timer never fires', () => {
    vi.useFakeTimers()
    const clock = manualClock(0)
    const wake = vi.fn()
    const cancel = clock.after(10, wake)
    vi.advanceTimersByTime(60_000)
    expect(clock.now()).toBe(0)
    cancel()
    cancel()
    clock.advance(100)
    expect(wake).not.toHaveBeenCalled()
    expect(clock.next()).toBeUndefined()
  })

  test('wakes at once for no time at all, but never synchronously', async () => {
    const clock = manualClock(0)
    const order: string[] = []
    await new Promise<void>((resolve) => {
      clock.after(-5, () => {
        order.push('woken')
        resolve()
      })
      order.push('asked')
    })
    expect(order).toEqual(['asked', 'woken'])
  })

  test('refuses to go back', () => {
    expect(() => manualClock(0).advance(-1)).toThrow(RangeError)
    expect(() => manualClock(0).advance(Number.NaN)).toThrow(RangeError)
  })

  test('keeps its remaining timers when one of them throws', () => {
    const clock = manualClock(0)
    const wake = vi.fn()
    clock.after(1, () => {
      throw new Error('boom')
    })
    clock.after(2, wake)
    expect(() => clock.advance(10)).toThrow('boom')
    clock.advance(10)
    expect(wake).toHaveBeenCalledOnce()
  })
})

describe('a scaled clock', () => {
  test('runs that many times as fast as the wall, timers too', () => {
    vi.useFakeTimers({ now: 5_000 })
    const clock = scaledClock({ scale: 20, now: 1_000_000 })
    const wake = vi.fn()
    clock.after(20_000, wake)
    vi.advanceTimersByTime(999)
    expect(wake).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(wake).toHaveBeenCalledOnce()
    expect(clock.now()).toBe(1_020_000)
  })

  test('is continuous across a change of scale, and waiting timers follow it', () => {
    vi.useFakeTimers({ now: 0 })
    const clock = scaledClock({ scale: 10, now: 0 })
    const wake = vi.fn()
    clock.after(60_000, wake)
    vi.advanceTimersByTime(1_000)
    expect(clock.now()).toBe(10_000)
    clock.setScale(100)
    expect(clock.now()).toBe(10_000)
    vi.advanceTimersByTime(499)
    expect(wake).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(wake).toHaveBeenCalledOnce()
    clock.setScale(0)
    const stopped = clock.now()
    vi.advanceTimersByTime(1_000)
    expect([clock.now(), clock.manual]).toEqual([stopped, true])
  })

  test('waits longer than Node allows a single timeout to', () => {
    vi.useFakeTimers({ now: 0 })
    const clock = scaledClock({ scale: 1, now: 0 })
    const wake = vi.fn()
    const days = 40 * 24 * 3_600_000
    clock.after(days, wake)
    vi.advanceTimersByTime(days - 1)
    expect(wake).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(wake).toHaveBeenCalledOnce()
  })

  test('can be advanced while it runs', () => {
    vi.useFakeTimers({ now: 0 })
    const clock = scaledClock({ scale: 2, now: 0 })
    const wake = vi.fn()
    clock.after(10_000, wake)
    clock.advance(9_000)
    vi.advanceTimersByTime(500)
    expect(wake).toHaveBeenCalledOnce()
    expect(clock.now()).toBe(10_000)
  })

  test('cannot run backwards or infinitely fast', () => {
    expect(() => scaledClock({ scale: -1 })).toThrow(RangeError)
    expect(() => scaledClock({ scale: 1 }).setScale(Number.POSITIVE_INFINITY)).toThrow(RangeError)
  })
})

describe('another process', () => {
  test('shows the same time when made from the state, and after adopting a newer one', () => {
    vi.useFakeTimers({ now: 0 })
    const world = scaledClock({ scale: 20, now: 7_000_000 })
    vi.advanceTimersByTime(1_234)
    const bot = clockFrom(JSON.parse(JSON.stringify(world.state())))
    vi.advanceTimersByTime(1_000)
    expect(bot.now()).toBe(world.now())

    const wake = vi.fn()
    bot.after(60_000, wake)
    world.setScale(60)
    bot.adopt(world.state())
    vi.advanceTimersByTime(1_000)
    expect(bot.now()).toBe(world.now())
    expect(wake).toHaveBeenCalledOnce()
  })
})

test("the real clock is the wall's", async () => {
  const clock = realClock()
  const before = Date.now()
  expect(clock.now()).toBeGreaterThanOrEqual(before)
  await new Promise<void>((resolve) => clock.after(5, resolve))
  expect(Date.now() - before).toBeGreaterThanOrEqual(5)
  expect(clock.state()).toEqual({ anchorWall: 0, anchorWorld: 0, scale: 1, manual: false })
})
