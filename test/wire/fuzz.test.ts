import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols'
import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../rehearsal/aws/wire/dispatch.ts'
import type { Schema } from '../../rehearsal/aws/wire/schema.ts'
import { Service } from '../../rehearsal/aws/wire/service.ts'
import { credentials, eight } from './eight.ts'
import { Generator } from './generate.ts'

const seeds = [1, 2, 3]

type Native = [name: string, signingName: string, module: object, Client: AnyClientClass]
type Row = [...Native, protocol?: unknown]
type AnyClient = { send(command: unknown): Promise<Record<string, unknown>> }
type AnyClientClass = ConstructorParameters<typeof Service>[2] & (new (config: object) => AnyClient)
type Thrown = Error & { $metadata?: { httpStatusCode?: number; requestId?: string } }

/** Every service in the protocol its client speaks, and CloudWatch in the two others it answers. */
const native = eight as unknown as Native[]
const cloudwatch = native.filter(([name]) => name === 'cloudwatch')
const rows: Row[] = [
  ...native,
  ...cloudwatch.map(([name, ...rest]): Row => [`${name}, CBOR`, ...rest, AwsSmithyRpcV2CborProtocol]),
  ...cloudwatch.map(([name, ...rest]): Row => [`${name}, query`, ...rest, AwsQueryProtocol]),
]

/** A client of the service, in process, whose every operation runs `handler`. */
function wired(signingName: string, module: object, Client: AnyClientClass, protocol: unknown) {
  const exported = module as Record<string, new (options: unknown) => object>
  const names = Object.keys(module).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? [])
  const world = { handler: (_input: unknown): unknown => ({}) }
  const handlers = Object.fromEntries(names.map((name) => [name, (input: never) => world.handler(input)]))
  const service = new Service(signingName, module, Client, handlers)
  const dispatcher = new Dispatcher([service])
  const client = new Client({
    region: 'us-west-2',
    credentials,
    maxAttempts: 1,
    requestHandler: dispatcher.requestHandler(),
    ...(protocol ? { protocol } : {}),
  })
  return {
    world,
    service,
    make: (name: string, options: unknown) => new (exported[name] as (typeof exported)[string])(options),
    send: (operation: string, input: unknown) =>
      client.send(new (exported[`${operation}Command`] as (typeof exported)[string])(input)),
  }
}

describe.each(rows)('%s', (name, signingName, module, Client, protocol) => {
  const { world, service, make, send } = wired(signingName, module, Client, protocol)
  const emptyStructs = service.protocol !== 'awsQuery' && protocol !== AwsQueryProtocol

  test.each(seeds)('carries every operation both ways unharmed (seed %i)', async (seed) => {
    const operations = [...service.operations.values()]
    expect(service.implemented()).toEqual(operations.map((operation) => operation.name).sort())
    expect(operations.length).toBeGreaterThan(10)
    for (const [number, operation] of operations.entries()) {
      const generator = new Generator(seed * 1_000 + number, { emptyStructs })
      const input = generator.struct(operation.input)
      const output = generator.struct(operation.output)
      let received: unknown
      world.handler = (got) => {
        received = got
        return output
      }
      const { $metadata, ...answer } = await send(operation.name, input)
      expect(spelled(received), `${name} ${operation.name}, input`).toEqual(spelled(input))
      expect(spelled(await collected(answer)), `${name} ${operation.name}, output`).toEqual(spelled(output))
    }
  })

  test('tells every modelled error as its own class, with status, message and details', async () => {
    const [operation] = service.operations.values()
    if (!operation) throw new Error(`${name} has no operations.`)
    const generator = new Generator(9, { emptyStructs })
    const input = generator.struct(operation.input)
    expect(service.errors.size).toBeGreaterThan(3)
    for (const [errorName, schema] of service.errors) {
      const { Message, ...members } = generator.struct(schema)
      const details = { ...members, message: 'boom & <x>' }
      const thrown = make(errorName, { ...details, $metadata: {} }) as Thrown
      world.handler = () => {
        throw thrown
      }
      const caught = (await send(operation.name, input).catch((error) => error)) as Thrown
      expect(caught.name, errorName).toBe(expectedName(errorName))
      expect(caught, errorName).toBeInstanceOf(make(caught.name, { message: '', $metadata: {} }).constructor)
      expect(caught, errorName).toMatchObject(details)
      expect(caught.$metadata?.httpStatusCode, errorName).toBe(statusOf(schema))
      expect(caught.$metadata?.requestId, errorName).toMatch(/^[0-9a-f-]{36}$/)
    }
  })
})

/** Two of CloudWatch's errors share a query code, by which all its clients go. */
function expectedName(error: string): string {
  return error === 'DashboardNotFoundError' ? 'ResourceNotFound' : error
}

function statusOf(schema: Schema): unknown {
  const { awsQueryError, httpError, error } = schema.getMergedTraits()
  return (awsQueryError as [string, number] | undefined)?.[1] ?? httpError ?? (error === 'client' ? 400 : 500)
}

/** The answer with its streams read to their end. */
async function collected(answer: Record<string, unknown>): Promise<Record<string, unknown>> {
  const read = Object.entries(answer).map(async ([name, value]) => {
    const stream = value as { transformToByteArray?: () => Promise<Uint8Array> } | undefined
    return [name, stream?.transformToByteArray ? await stream.transformToByteArray() : value]
  })
  return Object.fromEntries(await Promise.all(read))
}

/** The value with its bytes, which come as one of four classes, as text. */
function spelled(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(spelled)
  if (value?.constructor !== Object) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, spelled(each)]))
}
