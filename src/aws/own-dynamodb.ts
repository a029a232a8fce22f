import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { guarded, type OwnPlace, ownConfig } from './own.ts'

/** The client of the DynamoDB the journal is in. */
export const dynamoClient = (place: OwnPlace): DynamoDBClient =>
  guarded(new DynamoDBClient(ownConfig(place, 3)), place)
