import { drError } from '../../engine/errors.ts'
import { defineStep, type Observation, type Receipt } from '../../engine/step.ts'
import { notedJson, noteOnce } from '../notes.ts'
import { unseen } from '../seen.ts'
import { dnsOwner } from '../topology.ts'
import type { Look, RecordFacts, SafeWorld } from '../world.ts'

type Records = Look<readonly RecordFacts[]>

/** Moves the records in one batch that fails if anybody changed them meanwhile. */
export const takeDns = defineStep<SafeWorld>({
  id: 'take-dns',
  title: 'Take the DNS records: customers are sent to the new side',
  timeoutMinutes: 10,
  pollSeconds: 2,
  irreversible: false,
  whenStuck: [
    {
      id: 'take-anyway',
      label: 'Overwrite what is there',
      explain: 'Replaces the records as they are now, whoever set them.',
      act: swap,
    },
  ],
  observe: async (world) => judge(world, await world.dns.records()),
  act: swap,
})

async function judge(world: SafeWorld, look: Records): Promise<Observation> {
  const { plan, to } = world
  if (!look.ok) return withoutListing(world, look)
  const owner = dnsOwner(look.value)
  if (owner === to)
    return { state: 'done', detail: `${nameList(look.value)} points at ${plan.regions[to]} (${to})` }
  const routed = look.value.find(({ routing, owner: whose }) => routing !== 'simple' && whose !== 'absent')
  if (routed)
    return {
      state: 'blocked',
      detail: `${routed.name} is a ${routed.routing} record, which cannot be swapped`,
    }
  const foreign = look.value.find(({ owner: whose }) => whose === 'foreign')
  if (foreign)
    return { state: 'blocked', detail: `${foreign.name} points at ${foreign.value}, which is neither side's` }
  await noteOnce(world, 'records-seen', JSON.stringify(look.value))
  return {
    state: 'ready',
    detail: `${nameList(look.value)} does not point at ${plan.regions[to]} (${to}) yet`,
  }
}

/** The listing failed, which need not mean that a change would: what was last verified is what is swapped. */
async function withoutListing(world: SafeWorld, look: Extract<Records, { ok: false }>): Promise<Observation> {
  const answers = await world.dns.answers()
  if (answers.ok && answers.value.length > 0 && answers.value.every((side) => side === world.to))
    return {
      state: 'done',
      detail: `the records cannot be listed, but every server already answers ${world.to}`,
    }
  const [asked, verified] = await Promise.all([
    world.notes.get('dns-change'),
    world.notes.get('records-seen'),
  ])
  if (asked || !verified) return unseen('the records', look)
  return {
    state: 'ready',
    detail: 'the records cannot be listed; they are swapped as they were last verified',
  }
}

async function swap(world: SafeWorld): Promise<Receipt> {
  const look = await world.dns.records()
  if (look.ok && dnsOwner(look.value) === world.to) return { evidence: ['the records point there already'] }
  const seen = look.ok ? look.value : await notedJson<readonly RecordFacts[]>(world, 'records-seen')
  if (!seen)
    throw drError('ACT_REJECTED', {
      call: 'ChangeResourceRecordSets',
      code: 'NotListed',
      why: 'the records could not be listed, and were not verified before',
    })
  const receipt = await world.dns.swapTo(world.to, seen)
  const [change] = receipt.evidence
  if (change) await world.notes.set('dns-change', change)
  return receipt
}

const nameList = (records: readonly RecordFacts[]) => [...new Set(records.map(({ name }) => name))].join(', ')
