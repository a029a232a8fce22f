import type { AddressInfo } from 'node:net'
import {
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { dynamoClientSettings } from '../src/durable/dynamo-requests.ts'
import { createTableInput } from '../src/durable/dynamo-table.ts'

export type DynamoServer = { readonly endpoint: string; readonly close: () => Promise<void> }

/** A DynamoDB that we have not written ourselves, on this machine only. It forgets, unless it is given a folder. */
export async function serveDynamo(folder?: string): Promise<DynamoServer> {
  const server = dynalite({ createTableMs: 0, ...(folder === undefined ? {} : { path: folder }) })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    // Requests that are being answered are let go on: without their database they would end the process.
    close: () =>
      new Promise((closed) => {
        const idle = setInterval(() => server.closeIdleConnections(), 20)
        server.close(() => {
          clearInterval(idle)
          closed()
        })
      }),
  }
}

type RequestHandler = NonNullable<DynamoDBClientConfig['requestHandler']>

/** A client for it, with credentials that are good for nothing else. `wire` carries its requests instead of sockets. */
export const dynamoClient = (endpoint: string, wire?: RequestHandler): DynamoDBClient =>
  new DynamoDBClient({
    ...dynamoClientSettings,
    ...(wire ? { requestHandler: wire } : {}),
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' },
  })

/** Makes the journal's table, unless it is there. */
export async function makeJournalTable(endpoint: string, table: string): Promise<void> {
  const client = dynamoClient(endpoint)
  try {
    await client.send(new CreateTableCommand(createTableInput(table)))
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  } finally {
    client.destroy()
  }
}
