import type { Look, Outside } from '../../src/flows/world.ts'

type Looking = (...args: never[]) => Promise<Look<unknown>>

/**
 * The outside, in which the same look at the same world is made once: `version` says which world it is. Steps look at
 * the same things again and again, and a property is looked at a thousand times.
 */
export function frugal(outside: Outside, version: () => string): Outside {
  const seen = new Map<string, Promise<Look<unknown>>>()
  let of = ''
  const once =
    (name: string, look: Looking): Looking =>
    (...args) => {
      if (of !== version()) seen.clear()
      of = version()
      const key = `${name} ${JSON.stringify(args)}`
      const known = seen.get(key) ?? look(...args)
      seen.set(key, known)
      return known
    }
  const looksOf = <T extends object>(part: T, name: string, ...looks: readonly (keyof T & string)[]): T => ({
    ...part,
    ...Object.fromEntries(looks.map((look) => [look, once(`${name}.${look}`, part[look] as Looking)])),
  })
  return {
    ...outside,
    database: looksOf(
      outside.database,
      'database',
      'global',
      'cluster',
      'lag',
      'snapshots',
      'events',
      'connections',
    ),
    services: looksOf(outside.services, 'services', 'look'),
    listener: looksOf(outside.listener, 'listener', 'look'),
    dns: looksOf(outside.dns, 'dns', 'records', 'answers', 'domains'),
    probe: looksOf(outside.probe, 'probe', 'stack', 'public'),
    alarms: looksOf(outside.alarms, 'alarms', 'look'),
    traffic: looksOf(outside.traffic, 'traffic', 'look'),
    identity: looksOf(outside.identity, 'identity', 'account'),
  }
}
