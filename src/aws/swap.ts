import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53'
import { DrError } from '../engine/errors.ts'
import type { Receipt } from '../engine/step.ts'
import type { RecordFacts, Side } from '../flows/world.ts'
import { Act } from './act.ts'
import { aliasTo, listRecord, type PlannedRecord, recordFacts } from './record-sets.ts'
import type { Site } from './site.ts'

const name = 'route53:ChangeResourceRecordSets'

/**
 * Gives the plan's records to a side, all in one batch. Each is deleted exactly as it is now and created anew, so that
 * AWS refuses the whole batch if anybody changed one meanwhile. First evidence is the change id;
 * no evidence when nothing had to be changed.
 */
export async function swapRecords(site: Site, side: Side, seen: readonly RecordFacts[]): Promise<Receipt> {
  const act = new Act('us-east-1', site.plan.accounts.dns.role, site.clocks.patience)
  const swaps = await Promise.all(
    site.plan.dns.records.map((record) => swapOf(site, act, record, side, seen)),
  )
  const changes = swaps.flat()
  if (!changes.length) return { evidence: [] }
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: site.plan.dns.hostedZoneId,
    ChangeBatch: { Comment: `understudy: ${site.plan.name} to ${side}`, Changes: changes },
  })
  const { ChangeInfo } = await act.change(name, `zone ${site.plan.dns.hostedZoneId}`, (options) =>
    site.route53('once').send(command, options),
  )
  return act.receipt(...(ChangeInfo?.Id ? [ChangeInfo.Id] : []))
}

async function swapOf(
  site: Site,
  act: Act,
  planned: PlannedRecord,
  side: Side,
  seen: readonly RecordFacts[],
): Promise<Change[]> {
  const before = seen.find((record) => record.name === planned.name && record.type === planned.type)
  if (!before) throw act.refuse(name, 'NotSeen', `${planned.name} ${planned.type} was not looked at before`)
  const current = await currentSet(site, act, planned, before)
  if (current.facts.routing !== 'simple')
    throw act.refuse(name, 'NotSimple', `${planned.name} is a ${current.facts.routing} record`)
  if (current.facts.owner === side) return []
  if (current.facts.owner !== before.owner || current.facts.value !== before.value)
    throw act.refuse(
      name,
      'RecordChanged',
      `${planned.name} pointed at ${before.value || 'nothing'}, and now at ${current.facts.value || 'nothing'}`,
    )
  const health = current.set?.AliasTarget?.EvaluateTargetHealth ?? planned.evaluateTargetHealth
  const created: Change = { Action: 'CREATE', ResourceRecordSet: aliasTo(planned, side, health) }
  return current.set ? [{ Action: 'DELETE', ResourceRecordSet: current.set }, created] : [created]
}

/** The record as it is now; where listing fails, as it was seen last: AWS compares it in any case. */
async function currentSet(
  site: Site,
  act: Act,
  planned: PlannedRecord,
  before: RecordFacts,
): Promise<{ facts: RecordFacts; set?: ResourceRecordSet }> {
  try {
    const sets = await act.read('route53:ListResourceRecordSets', (options) =>
      listRecord(site.route53('act'), site, planned, options),
    )
    const [set] = sets
    const facts = recordFacts(planned, sets)
    return set ? { facts, set } : { facts }
  } catch (error) {
    const known = before.owner === 'home' || before.owner === 'dr'
    if (!known || !(error instanceof DrError)) throw error
    act.say(
      `the record could not be listed (${error.message}): ${planned.name} is deleted as it was seen last`,
    )
    const set = aliasTo(planned, before.owner as Side, planned.evaluateTargetHealth)
    return {
      facts: before,
      set: { ...set, AliasTarget: { ...set.AliasTarget, DNSName: before.value } } as ResourceRecordSet,
    }
  }
}
