import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as ecs from '@aws-sdk/client-ecs'
import * as rds from '@aws-sdk/client-rds'
import * as route53 from '@aws-sdk/client-route-53'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { serveRegion } from '../../rehearsal/aws/net.ts'
import { Dispatcher } from '../../rehearsal/aws/wire/dispatch.ts'
import { WireError } from '../../rehearsal/aws/wire/failure.ts'
import { type Call, type Handlers, Service } from '../../rehearsal/aws/wire/service.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { credentials } from './eight.ts'

const rdsHandlers: Handlers<typeof rds> = {
  DescribeGlobalClusters({ GlobalClusterIdentifier = 'orders-global' }, { region }) {
    if (GlobalClusterIdentifier !== 'orders-global')
      throw new rds.GlobalClusterNotFoundFault({
        message: `There is no <${GlobalClusterIdentifier}>.`,
        $metadata: {},
      })
    return { GlobalClusters: [{ GlobalClusterIdentifier, DatabaseName: region, GlobalClusterMembers: [] }] }
  },
  DescribeDBClusters() {
    throw new TypeError('a defect')
  },
}
const ecsHandlers: Handlers<typeof ecs> = {
  DescribeServices: ({ services }) => ({
    failures: (services ?? []).map((arn) => ({ arn, reason: 'MISSING' })),
  }),
}
const route53Handlers: Handlers<typeof route53> = {
  ListResourceRecordSets: ({ HostedZoneId, MaxItems }) => ({
    ResourceRecordSets: [
      { Name: `${HostedZoneId}.`, Type: 'TXT', ResourceRecords: [{ Value: '"a&b <c>"' }] },
    ],
    IsTruncated: false,
    MaxItems,
  }),
  ChangeResourceRecordSets({ ChangeBatch }) {
    const messages = (ChangeBatch?.Changes ?? []).map(
      ({ ResourceRecordSet }) => `no ${ResourceRecordSet?.Name}`,
    )
    throw new route53.InvalidChangeBatch({ message: 'refused', messages, $metadata: {} })
  },
}
const cloudwatchHandlers: Handlers<typeof cloudwatch> = {
  GetMetricData: ({ StartTime }) => ({
    MetricDataResults: [{ Id: 'lag', Timestamps: StartTime ? [StartTime] : [], Values: [12.5] }],
  }),
}

let before = vi.fn<(call: Call) => unknown>()
beforeEach(() => {
  before = vi.fn()
})
const dispatcher = new Dispatcher(
  [
    new Service('rds', rds, rds.RDSClient, rdsHandlers),
    new Service('ecs', ecs, ecs.ECSClient, ecsHandlers),
    new Service('route53', route53, route53.Route53Client, route53Handlers),
    new Service('monitoring', cloudwatch, cloudwatch.CloudWatchClient, cloudwatchHandlers),
  ],
  (call) => before(call),
)

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
async function reached(through: 'a socket' | 'the in-process handler') {
  if (through === 'the in-process handler') return { requestHandler: dispatcher.requestHandler() }
  const endpoint = await serveRegion({ port: 0, dispatcher })
  ends.push(() => endpoint.close())
  return { endpoint: endpoint.url }
}

describe.each(['a socket', 'the in-process handler'] as const)('through %s', (through) => {
  test('the clients of all protocols get what the handlers say', async () => {
    const config = { region: 'us-west-2', credentials, ...(await reached(through)) }
    const { GlobalClusters } = await new rds.RDSClient(config).send(new rds.DescribeGlobalClustersCommand({}))
    expect(GlobalClusters).toEqual([
      { GlobalClusterIdentifier: 'orders-global', DatabaseName: 'us-west-2', GlobalClusterMembers: [] },
    ])
    const { failures } = await new ecs.ECSClient(config).send(
      new ecs.DescribeServicesCommand({ services: ['x'] }),
    )
    expect(failures).toEqual([{ arn: 'x', reason: 'MISSING' }])
    const records = await new route53.Route53Client(config).send(
      new route53.ListResourceRecordSetsCommand({ HostedZoneId: '/hostedzone/Z1', MaxItems: 20 }),
    )
    expect(records.ResourceRecordSets?.[0]).toEqual({
      Name: 'Z1.',
      Type: 'TXT',
      ResourceRecords: [{ Value: '"a&b <c>"' }],
    })
    expect(records.MaxItems).toBe(20)
    const StartTime = new Date('2026-01-01T00:00:00Z')
    const metrics = await new cloudwatch.CloudWatchClient(config).send(
      new cloudwatch.GetMetricDataCommand({ StartTime, EndTime: new Date(), MetricDataQueries: [] }),
    )
    expect(metrics.MetricDataResults?.[0]).toMatchObject({ Timestamps: [StartTime], Values: [12.5] })
  })

  test('a modelled error arrives as its class, with code, status, message and details', async () => {
    const config = { region: 'us-east-1', credentials, ...(await reached(through)) }
    const unknown = new rds.RDSClient(config).send(
      new rds.DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'b' }),
    )
    await expect(unknown).rejects.toThrow(rds.GlobalClusterNotFoundFault)
    await expect(unknown).rejects.toMatchObject({
      Code: 'GlobalClusterNotFoundFault',
      message: 'There is no <b>.',
      $metadata: { httpStatusCode: 404, attempts: 1 },
    })
    const ResourceRecordSet = { Name: 'x.', Type: 'A' } as const
    const refused = new route53.Route53Client(config).send(
      new route53.ChangeResourceRecordSetsCommand({
        HostedZoneId: 'Z1',
        ChangeBatch: { Changes: [{ Action: 'DELETE', ResourceRecordSet }] },
      }),
    )
    await expect(refused).rejects.toThrow(route53.InvalidChangeBatch)
    await expect(refused).rejects.toMatchObject({ messages: ['no x.'] })
  })

  test('a throttle is retried by the client, and an error of no model keeps its code', async () => {
    const config = { region: 'us-east-1', credentials, ...(await reached(through)) }
    const throttled = () => {
      throw new WireError('ThrottlingException', 'Rate exceeded')
    }
    before.mockImplementationOnce(throttled)
    const client = new ecs.ECSClient(config)
    const { $metadata } = await client.send(new ecs.DescribeServicesCommand({ services: ['x'] }))
    expect($metadata.attempts).toBe(2)
    before.mockImplementation(() => {
      throw new WireError('AccessDenied', 'Not you.', 403)
    })
    const denied = new rds.RDSClient(config).send(new rds.DescribeGlobalClustersCommand({}))
    await expect(denied).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
  })

  test('what is not simulated says so, and never succeeds', async () => {
    const config = { region: 'us-east-1', credentials, ...(await reached(through)) }
    const stop = new rds.RDSClient(config).send(new rds.StopDBClusterCommand({ DBClusterIdentifier: 'x' }))
    await expect(stop).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'RDS StopDBCluster is not simulated.',
      $metadata: { httpStatusCode: 501 },
    })
    const list = new ecs.ECSClient(config).send(new ecs.ListServicesCommand({}))
    await expect(list).rejects.toMatchObject({ name: 'NotImplemented' })
    const zones = new route53.Route53Client(config).send(new route53.ListHostedZonesCommand({}))
    await expect(zones).rejects.toMatchObject({ name: 'NotImplemented' })
  })

  test('a required member that is missing is refused before the handler', async () => {
    const config = { region: 'us-east-1', credentials, ...(await reached(through)) }
    const input = {} as ecs.DescribeServicesCommandInput
    const asked = new ecs.ECSClient(config).send(new ecs.DescribeServicesCommand(input))
    await expect(asked).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The request must contain the parameter services.',
    })
  })

  test('a defect of a handler is an internal failure, and is printed', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    ends.push(() => print.mockRestore())
    const config = { region: 'us-east-1', credentials, maxAttempts: 1, ...(await reached(through)) }
    const asked = new rds.RDSClient(config).send(new rds.DescribeDBClustersCommand({}))
    await expect(asked).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } })
    expect(print).toHaveBeenCalledWith(expect.any(TypeError))
  })
})

test('a call tells who asks for what, where', async () => {
  const config = { region: 'eu-west-1', credentials, requestHandler: dispatcher.requestHandler() }
  await new ecs.ECSClient(config).send(new ecs.DescribeServicesCommand({ services: ['x'] }))
  expect(before).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      region: 'eu-west-1',
      accessKeyId: 'AKIDEXAMPLE',
      service: 'ECS',
      operation: 'DescribeServices',
      params: { services: ['x'] },
    }),
  )
})

test('coverage lists what has a handler', () => {
  expect(dispatcher.coverage()).toEqual({
    RDS: ['DescribeDBClusters', 'DescribeGlobalClusters'],
    ECS: ['DescribeServices'],
    'Route 53': ['ChangeResourceRecordSets', 'ListResourceRecordSets'],
    CloudWatch: ['GetMetricData'],
  })
})

test('a handler for an operation that no client knows is refused', () => {
  expect(() => new Service('rds', rds, rds.RDSClient, { Nonsense: () => ({}) })).toThrow(
    'RDS has no operation Nonsense.',
  )
})

describe('a request that is not from an SDK', () => {
  const ask = async (path: string, init: RequestInit = {}) => {
    const { endpoint } = await reached('a socket')
    const response = await fetch(`${endpoint}${path}`, init)
    return { status: response.status, text: await response.text() }
  }

  test('may ask by GET and unsigned', async () => {
    const { status, text } = await ask('/?Action=DescribeGlobalClusters&Version=2014-10-31')
    expect(status).toBe(200)
    expect(text).toContain('<DatabaseName>us-east-1</DatabaseName>')
    expect(before.mock.lastCall?.[0]).toMatchObject({ accessKeyId: '', region: 'us-east-1' })
  })

  test.each([
    [
      'an unknown action',
      '/?Action=Nonsense&Version=2014-10-31',
      {},
      400,
      'The action Nonsense is not valid',
    ],
    ['an unknown path', '/nowhere', {}, 404, 'There is no operation at GET /nowhere.'],
    [
      'an unknown target',
      '/',
      target('AmazonEC2ContainerServiceV20141113.Nonsense', '{}'),
      400,
      'The action Nonsense',
    ],
    ['an unknown service', '/', target('Nobody.DescribeServices', '{}'), 400, 'The action DescribeServices'],
    [
      'no JSON',
      '/',
      target('AmazonEC2ContainerServiceV20141113.DescribeServices', '{'),
      400,
      'cannot be read',
    ],
    [
      'a list for an object',
      '/',
      target('AmazonEC2ContainerServiceV20141113.DescribeServices', '{"services":7}'),
      400,
      'cannot be read',
    ],
  ])('is told of %s', async (_, path, init, status, message) => {
    const answer = await ask(path, init)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(message)
  })

  test('is hung up on when it does not end', async () => {
    await expect(ask('/', { method: 'POST', body: Buffer.alloc(9 * 1024 * 1024) })).rejects.toThrow(
      'fetch failed',
    )
  })

  function target(name: string, body: string): RequestInit {
    return {
      method: 'POST',
      body,
      headers: { 'x-amz-target': name, 'content-type': 'application/x-amz-json-1.1' },
    }
  }
})

describe('the in-process handler', () => {
  const never = () => new Promise(() => {})
  const config = { region: 'us-east-1', credentials, maxAttempts: 1 }
  const command = () => new rds.DescribeGlobalClustersCommand({})

  test('gives up on a call that never settles, by the clock it is given', async () => {
    before.mockImplementation(never)
    const clock = manualClock(0)
    const requestHandler = dispatcher.requestHandler({ requestTimeout: 1_200, clock })
    const asked = new rds.RDSClient({ ...config, requestHandler }).send(command())
    const outcome = asked.catch((error) => error)
    await vi.waitFor(() => expect(clock.next()).toBe(1_200))
    clock.advance(1_200)
    expect(await outcome).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' })
  })

  test('heeds an abort signal, also one that came before', async () => {
    before.mockImplementation(never)
    const client = new rds.RDSClient({ ...config, requestHandler: dispatcher.requestHandler() })
    await expect(client.send(command(), { abortSignal: AbortSignal.timeout(20) })).rejects.toThrow(
      'Request aborted',
    )
    await expect(client.send(command(), { abortSignal: AbortSignal.abort() })).rejects.toThrow(
      'Request aborted',
    )
  })

  test('charges every call its latency, by the clock it is given', async () => {
    const clock = manualClock(0)
    const client = new rds.RDSClient({
      ...config,
      requestHandler: dispatcher.requestHandler({ latency: 50, clock }),
    })
    const asked = client.send(command())
    await vi.waitFor(() => expect(clock.next()).toBe(50))
    expect(before).not.toHaveBeenCalled()
    clock.advance(50)
    expect((await asked).GlobalClusters).toHaveLength(1)
    expect(clock.next()).toBeUndefined()
  })
})
