import { FILL_IN } from '../plan/marks.ts'
import type { Draft } from './draft.ts'
import { SIDES } from './facts.ts'
import { Page, scalar } from './page.ts'
import { fill, known, type Sides, type Slot, valueIn } from './slot.ts'
import { writeServices } from './write-services.ts'

/** Where a draft comes from, for its first lines. */
export type Origin = { readonly sources: readonly string[]; readonly gaps: readonly string[] }

/** The text of a plan file: every field, what it means, where its value comes from, and what is still missing. */
export function write(draft: Draft, origin: Origin): string {
  const page = new Page()
  heading(page, draft, origin)
  regions(page, draft)
  accounts(page, draft)
  database(page, draft)
  writeServices(page, draft)
  dns(page, draft)
  probes(page, draft)
  alarms(page, draft)
  targets(page, draft)
  terraform(page, draft)
  people(page)
  return page.text()
}

function heading(page: Page, { name }: Draft, { sources, gaps }: Origin): void {
  page.line('# yaml-language-server: $schema=./plan.schema.json')
  page.line('#')
  page.say('', `Drafted by \`understudy init\`${sources.length ? ` from ${sources.join(', ')}` : ''}.`)
  page.say(
    '',
    `${FILL_IN} stands where only people know the value, and a comment with CONFIRM where a value is a guess.`,
  )
  page.say(
    '',
    'The comment behind a value says where it comes from. `understudy validate` lists what is left to do.',
  )
  if (gaps.length) {
    page.line('#')
    page.say('', 'What could not be seen:')
    for (const gap of gaps) page.say('', `- ${gap}`)
  }
  page.line()
  page.line('version: 1')
  page.line(`name: ${scalar(name)}`)
}

function sides(page: Page, indent: string, { home, dr }: Sides<Slot>): void {
  page.field(indent, 'home', home)
  page.field(indent, 'dr', dr)
}

function regions(page: Page, draft: Draft): void {
  page.line()
  page.say('', 'home and dr are fixed roles: they keep their names whichever side is serving.')
  page.line('regions:')
  sides(page, '  ', draft.regions)
}

function accounts(page: Page, { accounts: { workload, dns } }: Draft): void {
  page.line()
  page.say('', "Without a role the bot's own credentials are used.")
  page.line('accounts:')
  for (const [key, account] of [
    ['workload', workload],
    ['dns', dns],
  ] as const) {
    page.line(`  ${key}:`)
    page.field('    ', 'id', account.id)
    if (account.role) page.field('    ', 'role', known(account.role.arn, account.role.from))
    else page.say('    ', `role: arn:aws:iam::${valueIn(account.id) ?? '…'}:role/…`)
    if (account.externalId) page.field('    ', 'externalId', known(account.externalId, 'the command line'))
    const deletion = key === 'workload' ? workload.deletionRole : undefined
    if (deletion) page.field('    ', 'deletionRole', known(deletion.arn, deletion.from))
  }
}

function database(page: Page, { database: { globalCluster, clusters, endpoint, keys } }: Draft): void {
  page.line()
  page.line('database:')
  page.field('  ', 'globalCluster', globalCluster)
  page.line('  clusters:')
  sides(page, '    ', clusters)
  const writer = endpoint ? `: ${endpoint}` : ''
  page.field(
    '  ',
    'usesGlobalWriterEndpoint',
    fill(`true when the application connects to the global writer endpoint${writer}`),
  )
  page.say('  ', 'Replication lag above this is a warning on the approval card. It never stops an emergency.')
  page.field('  ', 'lagLimitSeconds', known(30, '', 'a usual value'))
  if (!keys) return
  page.say('  ', 'With keys, rescued snapshots are copied to the other region too. Those of the clusters:')
  page.line('  # rescueKeys:')
  for (const side of SIDES) page.line(`  #   ${side}: ${scalar(keys[side].arn)}`)
}

function dns(page: Page, { dns: { hostedZoneId, records, refused } }: Draft): void {
  page.line()
  page.say(
    '',
    'The records that move. They must be simple: weighted, failover and latency records are refused.',
  )
  for (const name of refused) page.say('', `Left out: ${name}, which is one of several records of its name.`)
  page.line('dns:')
  page.field('  ', 'hostedZoneId', hostedZoneId)
  page.line('  records:')
  for (const record of records) {
    page.field('    - ', 'name', record.name)
    page.line(`      type: ${record.type}`)
    page.line('      targets:')
    for (const side of SIDES) {
      page.line(`        ${side}:`)
      page.field('          ', 'dnsName', record.targets[side].dnsName)
      page.field('          ', 'hostedZoneId', record.targets[side].hostedZoneId)
    }
    page.line(`      evaluateTargetHealth: ${record.evaluateTargetHealth}`)
    if (!record.apiGatewayDomain) continue
    page.say('      ', 'The API Gateway custom domain has to exist in both regions.')
    page.line(`      apiGatewayDomain: ${scalar(record.apiGatewayDomain)}`)
  }
}

function probes(page: Page, { probes: { stack, public: customers, path, heartbeat }, dns }: Draft): void {
  page.line()
  page.say(
    '',
    "stack: each side's own address. It proves a side before DNS moves, so it must not go through the record above. public: what customers use.",
  )
  if (path) page.say('', `Load balancers ask the application for ${path}.`)
  for (const side of SIDES)
    if (dns.own[side].length) page.say('', `These names always lead to ${side}: ${dns.own[side].join(', ')}.`)
  page.line('probes:')
  page.line('  stack:')
  sides(page, '    ', stack)
  page.field('  ', 'public', customers)
  page.line()
  page.say(
    '',
    "A row the application writes every second, read through each side's own stack: with it, a drill's data loss is measured.",
  )
  const urls = { home: heartbeat.home[0], dr: heartbeat.dr[0] }
  const found = urls.home && urls.dr ? { home: urls.home, dr: urls.dr } : undefined
  if (found) {
    page.line('heartbeat:')
    sides(page, '  ', {
      home: known(found.home.url, found.home.from),
      dr: known(found.dr.url, found.dr.from),
    })
  } else for (const line of ['heartbeat:', '  home: https://…', '  dr: https://…']) page.line(`# ${line}`)
}

function alarms(page: Page, { alarms: found, regions: where }: Draft): void {
  page.line()
  page.say('', 'Alarms that must be quiet for a side to be called green.')
  for (const side of SIDES)
    if (found[side].left.length)
      page.say(
        '',
        `Left out on ${side}, because without a standby there is no lag to measure: ${found[side].left.map(({ name }) => name).join(', ')}.`,
      )
  page.line('alarms:')
  for (const side of SIDES) {
    const { taken, seen } = found[side]
    if (taken.length) {
      page.line(`  ${side}:`)
      for (const { name, from } of taken) page.item('    ', known(name, from))
    } else {
      const region = valueIn(where[side]) ?? 'that region'
      const why = seen
        ? `nothing was found in ${region} that is called like the application`
        : 'nobody could look, or nothing named them'
      page.say('  ', `CONFIRM: no alarms; ${why}`)
      page.line(`  ${side}: []`)
    }
  }
}

function targets(page: Page, _: Draft): void {
  page.line()
  page.line('objectives:')
  page.field('  ', 'rtoMinutes', fill('how long customers may be without service'))
  page.field('  ', 'rpoSeconds', fill('how many seconds of writes may be lost'))
  page.say('  ', 'No traffic is not health: below this many requests a minute nothing is called green.')
  page.field(
    '  ',
    'trafficFloorPerMinute',
    fill('requests a minute that a serving side has at the quietest hour'),
  )
  page.line('  greenDatapoints: 2')
  page.line()
  page.say('', 'A drill older than this is a warning in the status. dr serves customers for the soak time.')
  page.line('drill:')
  page.line('  everyDays: 90')
  page.line('  soakMinutes: 10')
}

function terraform(page: Page, { builds }: Draft): void {
  page.line()
  page.say('', 'The Terraform that owns all this, if any: see docs/terraform.md. Each side needs a platform.')
  for (const { name, side, from } of builds)
    page.say('', `A CodeBuild project of ${side ?? 'neither side'} is called ${name} (${from}).`)
  const stack = (side: string) => [
    `    - name: ${side}-platform`,
    `      side: ${side}`,
    '      layer: platform',
    `      directory: infra/${side}/platform`,
  ]
  for (const line of ['terraform:', '  stacks:', ...stack('dr'), ...stack('home')]) page.line(`# ${line}`)
}

function people(page: Page): void {
  page.line()
  page.say('', 'Ids, not names. An empty list is nobody.')
  page.line('slack:')
  page.field('  ', 'channel', fill('the incident channel: at the end of its details in Slack, C…'))
  for (const [key, what] of [
    ['requesters', 'who may ask: a user id, in their profile, U…'],
    ['approvers', 'who may approve'],
  ] as const) {
    page.line(`  ${key}:`)
    page.item('    ', fill(what))
  }
  page.say('  ', 'Whoever asked may not approve.')
  page.line('  twoPeople: true')
  page.say('  ', 'May approve an emergency alone, after five minutes in which nobody else answered.')
  page.say('  ', 'breakGlass: [U…]')
  page.line()
  page.say(
    '',
    'Who these people are to AWS, for the day without Slack: what `aws sts get-caller-identity` says of each.',
  )
  for (const line of ['identities:', '  - user: U…', '    arn: arn:aws:sts::…:assumed-role/…/…'])
    page.line(`# ${line}`)
}
