import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { guarded, type OwnPlace } from './own.ts'

/** The client of the DynamoDB the journal is in; `settings` are its journal's own limits. */
export const dynamoClient = (place: OwnPlace, settings: DynamoDBClientConfig): DynamoDBClient =>
  guarded(new DynamoDBClient({ ...settings, ...place }), place)
