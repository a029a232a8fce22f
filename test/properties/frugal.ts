import type { Look, Outside } from '../../src/flows/world.ts'

type Looking = (...args: never[]) => Promise<Look<unknown>>

/** Which world a look would be made at: `still` is the same while nothing happens in it, `now` at the same time too. */
export type Versions = { readonly still: () => string; readonly now: () => string; readonly at: () => number }

/**
 * The outside, in which the same look at the same world is made once. Steps look at the same things again and again,
 * and a property is looked at a thousand times. What depends on the time (but a percentage) is looked at again as it goes by.
 */
export function frugal(outside: Outside, versions: Versions): Outside {
  const once = <T extends object>(
    part: T,
    version: () => string,
    ...names: readonly (keyof T & string)[]
  ): Partial<T> => {
    const seen = new Map<string, Promise<Look<unknown>>>()
    let of = ''
    const looking =
      (name: keyof T & string): Looking =>
      async (...args) => {
        if (of !== version()) seen.clear()
        of = version()
        const key = `${name} ${JSON.stringify(args)}`
        const known = seen.get(key) ?? (part[name] as Looking)(...args)
        seen.set(key, known)
        const { at: _, ...look } = await known
        return { ...look, at: versions.at() } as Look<unknown>
      }
    return Object.fromEntries(names.map((name) => [name, looking(name)])) as Partial<T>
  }
  const { database, services, listener, dns, probe, alarms, traffic, identity } = outside
  const { still, now } = versions
  return {
    ...outside,
    database: {
      ...database,
      ...once(database, still, 'global', 'cluster', 'snapshots', 'snapshotsAcross'),
      ...once(database, now, 'lag', 'events', 'connections'),
    },
    services: { ...services, ...once(services, still, 'look') },
    listener: { ...listener, ...once(listener, still, 'look') },
    dns: { ...dns, ...once(dns, still, 'records', 'domains'), ...once(dns, now, 'answers') },
    probe: { ...probe, ...once(probe, now, 'stack', 'public') },
    alarms: { ...alarms, ...once(alarms, now, 'look') },
    traffic: { ...traffic, ...once(traffic, now, 'look') },
    identity: { ...identity, ...once(identity, still, 'account') },
  }
}
