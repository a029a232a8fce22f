import { DescribeGlobalClustersCommand, RDSClient } from '@aws-sdk/client-rds'
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DR, HOME, refusal, world } from './world.ts'

const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'x' }
const requestHandler = () =>
  new NodeHttpHandler({
    connectionTimeout: 400,
    requestTimeout: 600,
    socketTimeout: 600,
    throwOnRequestTimeout: true,
  })
const rds = (region: string, endpoint = '') =>
  new RDSClient({ region, endpoint, credentials, maxAttempts: 1, requestHandler: requestHandler() })
const route53 = (endpoint = '') =>
  new Route53Client({ region: HOME, endpoint, credentials, maxAttempts: 1, requestHandler: requestHandler() })
const look = new DescribeGlobalClustersCommand({})

let here: ReturnType<typeof world>
let ports: Awaited<ReturnType<(typeof here)['sim']['listen']>>

beforeEach(async () => {
  here = world()
  ports = await here.sim.listen({ port: 0 })
})
afterEach(() => ports.close())

const control = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const answer = await fetch(`${ports.control}/_sim/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('ports', () => {
  test('the shared one serves all regions, and each region has its own', async () => {
    await rds(HOME, ports.url).send(look)
    await rds(HOME, ports.regions[HOME]).send(look)
    await rds(DR, ports.regions[DR]).send(look)
    await route53(ports.regions['aws-global']).send(new ListHostedZonesCommand({}))
  })

  test('a dark region shows on its sockets while the rest, and Route 53, go on', async () => {
    expect((await control('POST', `regions/${HOME}/outage`, { mode: 'refuse' })).status).toBe(200)
    expect(await refusal(rds(HOME, ports.regions[HOME]).send(look))).toBe('Error')
    expect(await refusal(rds(HOME, ports.url).send(look))).toBe('TimeoutError')
    await rds(DR, ports.url).send(look)
    await route53(ports.url).send(new ListHostedZonesCommand({}))
    await control('DELETE', `regions/${HOME}/outage`)
    await rds(HOME, ports.regions[HOME]).send(look)
    await control('POST', 'regions/aws-global/outage', { mode: '5xx' })
    expect(await refusal(route53(ports.url).send(new ListHostedZonesCommand({})))).toBe('ServiceUnavailable')
    await control('POST', 'reset?scenario=healthy')
    await route53(ports.url).send(new ListHostedZonesCommand({}))
  })
})

describe('the control port', () => {
  test('moves the clock, breaks regions and tells what became of the customers', async () => {
    await control('POST', `regions/${HOME}/outage`, { mode: 'mute' })
    const { body: clock } = await control('POST', 'clock/advance', { ms: 30_000 })
    expect(clock.now).toBe(here.clock.now())
    const { body: slo } = await control('GET', 'slo?app=orders')
    expect(slo).toMatchObject({ successNow: 0, outage: { seconds: 30 } })
    const { body: state } = await control('GET', 'state')
    expect(state).toMatchObject({ outages: { [HOME]: { kind: 'mute' } } })
    const fault = await control('POST', 'faults', { kind: 'internal', service: 'rds', times: 1 })
    expect(fault.status).toBe(201)
    expect(await refusal(rds(DR, ports.url).send(look))).toBe('InternalFailure')
    const { body: journal } = await control('GET', 'journal?after=0')
    expect(journal.calls).toMatchObject([{ operation: 'DescribeGlobalClusters', outcome: 'InternalFailure' }])
    const { body: coverage } = await control('GET', 'coverage')
    expect(coverage.RDS).toContain('FailoverGlobalCluster')
    const role = 'arn:aws:iam::111122223333:role/understudy-operator'
    expect((await control('PUT', 'roles', { role, allow: ['rds:*'] })).status).toBe(200)
  })

  test('puts an application into a state, and applies its Terraform', async () => {
    const entered = await control('POST', 'states', { app: 'orders', state: 'orphaned', active: 'dr' })
    expect(entered).toMatchObject({ status: 200, body: { state: 'orphaned', dns: 'dr' } })
    const { body } = await control('GET', 'state')
    expect(body).toMatchObject({
      apps: {
        orders: {
          dns: { record: 'dr' },
          global: { id: 'orders-global' },
          lostWrites: [{ seconds: 0.7, in: [{ type: 'cluster', id: 'orders-home' }] }],
        },
      },
    })
    const applied = await control('POST', 'terraform', { app: 'orders', stack: 'orders-dr-workloads' })
    expect(applied).toMatchObject({
      status: 202,
      body: { id: expect.stringMatching(/^orders-dr-workloads:/) },
    })
    const { body: after } = await control('GET', 'state')
    expect(after).toMatchObject({ builds: [{ ...applied.body, status: 'IN_PROGRESS' }] })
  })

  test.each([
    ['POST', 'states', { app: 'orders', state: 'fine', active: 'dr' }, 400],
    ['POST', 'states', { app: 'orders', state: 'alone' }, 400],
    ['POST', 'terraform', { app: 'orders', stack: 'billing-dr-platform' }, 404],
    ['POST', 'terraform', { app: 'orders', stack: 'orders-dr-platform', nasty: ['everything'] }, 400],
    ['POST', 'clock/advance', { ms: -1 }, 400],
    ['POST', 'clock/advance', { seconds: 1 }, 400],
    ['POST', 'clock/advance', '{bad', 400],
    ['PUT', 'clock/scale', { scale: 1e9 }, 400],
    ['POST', 'reset?scenario=nope', undefined, 400],
    ['POST', 'reset?seed=x', undefined, 400],
    ['POST', 'regions/mars-1/outage', { mode: 'drop' }, 404],
    ['POST', `regions/${HOME}/outage`, { mode: 'boom' }, 400],
    ['POST', 'faults', { kind: 'internal', p: 2 }, 400],
    ['DELETE', 'faults?id=nope', undefined, 404],
    ['PUT', 'roles', { role: 'nobody', allow: [] }, 404],
    ['GET', 'slo', undefined, 400],
    ['GET', 'slo?app=orders&since=yesterday', undefined, 400],
    ['PUT', 'state', undefined, 405],
    ['GET', 'nope', undefined, 404],
  ])('%s %s %j answers %d and changes nothing', async (method, path, body, status) => {
    const before = JSON.stringify(here.sim.save())
    const answer = await control(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.body.error).toEqual(expect.any(String))
    expect(JSON.stringify(here.sim.save())).toBe(before)
  })

  test('is not for pages of other origins, nor under other names', async () => {
    expect((await control('GET', 'state', undefined, { origin: 'http://evil.test' })).status).toBe(403)
    expect((await control('GET', 'state', undefined, { origin: ports.control })).status).toBe(200)
    const { request } = await import('node:http')
    const status = await new Promise((resolve) => {
      request(`${ports.control}/_sim/state`, { headers: { host: 'evil.test' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      }).end()
    })
    expect(status).toBe(403)
  })
})
