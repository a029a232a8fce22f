import type { Draft } from './draft.ts'
import { SIDES } from './facts.ts'
import type { Page } from './page.ts'
import { known } from './slot.ts'

/** At most so many of what was not taken are named. */
const MANY = 20

/** The services and the listeners of a draft. */
export function writeServices(page: Page, draft: Draft): void {
  services(page, draft)
  listeners(page, draft)
}

function services(page: Page, { services: all, otherServices }: Draft): void {
  page.line()
  page.say(
    '',
    'writes: true means that its tasks hold connections to the writer. Such a service is fenced on the side that is left, and its tasks are replaced on the side that takes over. Without certainty, true is the safe answer.',
  )
  if (otherServices.length) {
    const shown = otherServices.slice(0, MANY).join(', ')
    const more = otherServices.length > MANY ? `, and ${otherServices.length - MANY} more` : ''
    page.say('', `Left out, because their names have nothing of this application's: ${shown}${more}.`)
  }
  page.line('services:')
  for (const service of all) {
    page.field('  - ', 'name', service.name)
    page.field('    ', 'writes', known(true, '', 'does it write to the database?'))
    page.line('    ecs:')
    for (const side of SIDES) {
      page.line(`      ${side}:`)
      page.field('        ', 'cluster', service.ecs[side].cluster)
      page.field('        ', 'service', service.ecs[side].service)
    }
    page.say(
      '    ',
      "active: tasks while the side serves; standby: while it waits; max: auto scaling's ceiling.",
    )
    page.line('    capacity:')
    for (const side of SIDES) {
      page.line(`      ${side}:`)
      for (const key of ['active', 'standby', 'max'] as const)
        page.field('        ', key, service.capacity[side][key])
    }
    if (!service.targetGroup) {
      page.say(
        '    ',
        'targetGroup: none is known, so nothing but ECS itself says whether the service serves.',
      )
      continue
    }
    page.line('    targetGroup:')
    for (const side of SIDES) page.field('      ', side, service.targetGroup[side])
  }
}

function listeners(page: Page, { listener: { drafts, plain } }: Draft): void {
  if (!drafts && plain.length === 0) return
  page.line()
  page.say(
    '',
    'Where deployments are blue/green, a listener may forward to either target group. `serves` must get the traffic while the side is active.',
  )
  const unknown = plain.filter(({ forwards }) => !forwards)
  for (const { arn, from } of unknown)
    page.say('', `This one is needed if deployments are blue/green: ${arn} (${from}).`)
  if (plain.length > unknown.length)
    page.say(
      '',
      'Other listeners were found that forward to one target group each: nothing is to be switched there.',
    )
  if (!drafts) return
  page.line('listener:')
  for (const side of SIDES) {
    const listener = drafts[side]
    if (!listener) continue
    page.line(`  ${side}:`)
    page.field('    ', 'arn', listener.arn)
    page.field('    ', 'serves', listener.serves)
  }
}
