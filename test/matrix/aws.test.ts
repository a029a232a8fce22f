import { expect, it, vi } from 'vitest'
import { manualClock } from '../../rehearsal/clock.ts'
import { Act } from '../../src/aws/act.ts'
import { outside } from '../../src/aws/outside.ts'
import { rig } from '../aws/rig.ts'

it('an act has one limit for all its calls, and sends nothing after it', async () => {
  const clock = manualClock(0)
  const act = new Act('us-west-2', 'a role', clock)
  await act.read('ecs:DescribeServices', async () => clock.advance(20_000))
  const sent = vi.fn(async () => ({ $metadata: {} }))
  await expect(act.change('ecs:UpdateService', 'orders-api', sent)).rejects.toMatchObject({
    code: 'ACT_REJECTED',
    message: expect.stringContaining('nothing was sent'),
  })
  expect(sent).not.toHaveBeenCalled()
})

it("a side's own stack is not proven by a redirect to somewhere else", async () => {
  const { plan, clients, clock } = rig()
  const fetch = async (_url: string, options: { redirect?: string }) =>
    options.redirect === 'manual' ? new Response(null, { status: 302 }) : new Response('ok')
  const { probe } = outside({ plan, clients, clock, fetch })
  expect(await probe.stack('dr')).toMatchObject({ ok: true, value: { healthy: false, status: 302 } })
  expect(await probe.public()).toMatchObject({ ok: true, value: { healthy: true } })
})
