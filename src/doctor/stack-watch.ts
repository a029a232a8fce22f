import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { ask } from './ask.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { Patient } from './place.ts'
import { alarmNames, type Stack } from './stack.ts'
import { clientAs, OWN, placeIn } from './tools.ts'

/** Events that nobody could handle lie in one queue. */
export function deadLetters(patient: Patient, { prefix, region }: Stack): Promise<readonly Finding[]> {
  const name = `${prefix}-dead-letters`
  const sqs = clientAs(patient, SQSClient, { service: 'sqs', region })
  const question = { check: 'dead-letters', about: name, region, service: 'SQS' } as const
  return ask(patient, question, async (budget) => {
    try {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }), budget)
      const command = new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      })
      const { Attributes = {} } = await sqs.send(command, budget)
      return [
        judgeLetters(
          name,
          Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0),
        ),
      ]
    } catch (error) {
      if (!(error instanceof QueueDoesNotExist)) throw error
      return [fault('dead-letters', name, 'there is no such queue', 'Deploy the stack again.')]
    }
  })
}

export function judgeLetters(name: string, letters: number): Finding {
  if (letters === 0) return ok('dead-letters', name, 'it is empty')
  return warn(
    'dead-letters',
    name,
    letters === 1 ? 'one message lies in it' : `${letters} messages lie in it`,
  )
}

/** An alarm that is gone, or has nothing to go by, is silent when it should ring. */
export function stackAlarms(patient: Patient, { prefix, region }: Stack): Promise<readonly Finding[]> {
  const names = alarmNames.map((end) => `${prefix}-${end}`)
  const cloudwatch = patient.clients.of('cloudwatch', placeIn(region, OWN))
  const question = { check: 'stack-alarms', about: prefix, region, service: 'CloudWatch' } as const
  return ask(patient, question, async (budget) => {
    const command = new DescribeAlarmsCommand({ AlarmNames: names, AlarmTypes: ['MetricAlarm'] })
    const { MetricAlarms = [] } = await cloudwatch.send(command, budget)
    const states = new Map(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]))
    return names.map((name) => judgeAlarm(name, states.get(name)))
  })
}

export function judgeAlarm(name: string, state: string | undefined): Finding {
  if (state === undefined)
    return fault(
      'stack-alarms',
      name,
      'there is no such alarm',
      'Deploy the stack again: nobody would hear of it.',
    )
  if (state === 'OK') return ok('stack-alarms', name, 'quiet')
  return warn(
    'stack-alarms',
    name,
    state === 'ALARM' ? 'it rings' : `it is ${state}: it has nothing to go by`,
  )
}
