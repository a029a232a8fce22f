import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb'
import type { Budget } from '../aws/look.ts'
import { ask } from './ask.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { Patient } from './place.ts'
import { clientAs } from './tools.ts'

const EXPIRES = 'expires'
const KEYS = 'pk HASH, sk RANGE'

/** The journal's table, its safeguards, and where it is. */
export async function table(patient: Patient): Promise<readonly Finding[]> {
  const { journal } = patient
  if (journal?.kind !== 'dynamodb') return []
  const { region, table: name } = journal
  const dynamodb = clientAs(patient, DynamoDBClient, { service: 'dynamodb', region })
  const see = (call: (budget: Budget) => Promise<readonly Finding[]>) =>
    ask(patient, { check: 'table', about: name, region, service: 'DynamoDB' }, async (budget) => {
      try {
        return await call(budget)
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error
        return [fault('table', name, `there is no such table in ${region}`, 'Deploy the stack.')]
      }
    })
  const input = { TableName: name }
  const all = [
    see(async (budget) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand(input), budget)
      return judgeTable(name, Table ?? {})
    }),
    see(async (budget) => {
      const { TimeToLiveDescription: ttl } = await dynamodb.send(new DescribeTimeToLiveCommand(input), budget)
      return [judgeExpiry(name, ttl?.TimeToLiveStatus, ttl?.AttributeName)]
    }),
    see(async (budget) => {
      const { ContinuousBackupsDescription: backups } = await dynamodb.send(
        new DescribeContinuousBackupsCommand(input),
        budget,
      )
      return [judgeBackups(name, backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus)]
    }),
  ]
  return (await Promise.all(all)).flat()
}

export function judgeTable(name: string, described: TableDescription): readonly Finding[] {
  const { TableStatus, KeySchema = [], StreamSpecification, DeletionProtectionEnabled } = described
  const keys = KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ')
  const findings = [
    ...(keys === KEYS
      ? []
      : [fault('table', name, `its keys are ${keys || 'unknown'}, not ${KEYS}: it is another table`)]),
    ...(TableStatus === 'ACTIVE' || TableStatus === 'UPDATING'
      ? []
      : [fault('table', name, `it is ${TableStatus}`)]),
    ...(StreamSpecification?.StreamEnabled
      ? []
      : [fault('table', name, 'it has no stream: boards and threads would not move')]),
    ...(DeletionProtectionEnabled
      ? []
      : [warn('table', name, 'it can be deleted by accident: deletion protection is off')]),
  ]
  return findings.length ? findings : [ok('table', name, 'active, and protected from deletion')]
}

export const judgeExpiry = (
  name: string,
  status: string | undefined,
  attribute: string | undefined,
): Finding =>
  (status === 'ENABLED' || status === 'ENABLING') && attribute === EXPIRES
    ? ok('table', name, 'old items expire')
    : warn(
        'table',
        name,
        `old items do not expire: TTL is ${status ?? 'not set'}, and belongs on “${EXPIRES}”`,
      )

export const judgeBackups = (name: string, status: string | undefined): Finding =>
  status === 'ENABLED'
    ? ok('table', name, 'it can be restored to any moment of the last weeks')
    : warn('table', name, 'it cannot be restored to a point in time: point-in-time recovery is off')

/** The bot must not go dark together with what it saves. `own`: the region its functions are in, where it has some. */
export function judgePlacement(
  patient: Pick<Patient, 'journal' | 'plans'>,
  own?: string,
): readonly Finding[] {
  const region = patient.journal?.kind === 'dynamodb' ? patient.journal.region : own
  if (!region) return []
  const homes = patient.plans.plans.filter(({ regions }) => regions.home === region)
  return [
    ...(own && own !== region
      ? [
          fault(
            'placement',
            'journal',
            `it is in ${region}, and the functions are in ${own}`,
            'Name the table of the stack itself in UNDERSTUDY_JOURNAL: the bot lives wholly in one region.',
          ),
        ]
      : []),
    ...homes.map(({ name }) => warn('placement', region, `the bot is in the home region of “${name}”`)),
    ...(homes.length ? [] : [ok('placement', region, 'the home region of no plan')]),
  ]
}
