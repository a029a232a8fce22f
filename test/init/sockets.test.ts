import { expect, onTestFinished, test } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { realClock } from '../../rehearsal/clock.ts'
import { lookAtAws } from '../../src/init/look-at-aws.ts'
import { planText } from '../../src/init/plan-text.ts'
import { onAws, toFill } from './rig.ts'

test('a dark dr region costs seconds, not the draft: through sockets, on the wall', async () => {
  const aws = simulate({ clock: realClock(), seed: 7 })
  const { url, regions, close } = await aws.listen({ port: 0 })
  onTestFinished(close)
  await aws.outage('us-west-2', 'mute')
  const simulated = {
    endpoints: { ...regions, route53: url, shared: url },
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
  }
  const begun = Date.now()
  const { text, gaps } = await planText(onAws('orders'), (wish) => lookAtAws(wish, simulated))
  expect(Date.now() - begun).toBeLessThan(15_000)
  expect(gaps.length).toBeGreaterThan(2)
  expect(gaps.filter((gap) => !gap.includes('in us-west-2 gave no answer'))).toEqual([])
  expect(text).toContain('name: orders-api  # ECS in us-east-1')
  expect(toFill(text)).toContain('services[0].ecs.dr.service')
})
