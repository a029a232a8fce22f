import { expect, it } from 'vitest'
import { runbook } from '../../src/engine/runbook.ts'
import { failover } from '../../src/flows/failover.ts'

const modes = ['emergency', 'planned', 'detach'] as const

it.each(modes)('tells the whole of the %s runbook, in order', (mode) => {
  const flow = failover(mode)
  const text = runbook(flow)
  const titles = flow.steps.map(({ title }, index) => text.indexOf(`### ${index + 1}. ${title}`))
  expect(titles.every((at) => at > 0)).toBe(true)
  expect(titles).toEqual(titles.toSorted((a, b) => a - b))
  for (const { irreversible, unskippable, whenStuck = [] } of flow.steps) {
    if (irreversible) expect(text).toContain(`**cannot be taken back:** ${irreversible}`)
    if (unskippable) expect(text).toContain(`skipping is not offered: ${unskippable}`)
    for (const { label, explain } of whenStuck) expect(text).toContain(`*${label}* (${explain})`)
  }
  expect(text).toContain(`  ${flow.steps.map(({ id }) => id).join(' --> ')}`)
  expect(text).not.toMatch(/undefined|\[object/)
})

it('says how long a step may take, what is owed, and what is undone by itself', () => {
  const text = runbook(failover('planned'))
  expect(text).toContain('undone by itself after 180 s, unless `switch-over` has begun')
  expect(text).toContain('undone when the run is aborted before the point of no return')
  expect(runbook(failover('emergency'))).toContain('what is not proven by then is *owed*')
})

it('names ids that are unique in a flow, and hold points that exist', () => {
  for (const mode of modes) {
    const { steps } = failover(mode)
    const ids = steps.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, heldUntil } of steps) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/)
      if (heldUntil) expect(ids.indexOf(heldUntil)).toBeGreaterThan(ids.indexOf(id))
    }
  }
})

const watch = { id: 'watch', title: 'Watch', timeoutMinutes: 'none', observe: async () => seen } as const
const seen = { state: 'done', detail: '' } as const

it('says which steps ask people', () => {
  const asks = {
    question: async () => ({ title: '', detail: '', options: [] }),
    heard: async () => ({ evidence: [] }),
  }
  const text = runbook({
    name: 'f',
    title: 'F',
    steps: [watch, { ...watch, id: 'gate', title: 'Gate', asks }],
  })
  const [first, second] = text.split('### 2. Gate')
  expect(first).not.toContain('asks people')
  expect(first).toContain('  gate[/"Gate"/]')
  expect(second).toContain('**asks people**')
})

it('prints duties as duties: side by side, waiting for nobody', () => {
  const steps = [watch, { ...watch, id: 'rescue', title: 'Rescue' }]
  const text = runbook({ name: 'f', title: 'F', duties: true, steps })
  expect(text).toContain('looked at in turn, again and again, none waiting for another')
  expect(text).not.toContain('-->')
  expect(text).not.toContain('a person chooses')
  expect(runbook({ name: 'f', title: 'F', steps })).toContain('  watch --> rescue')
})
