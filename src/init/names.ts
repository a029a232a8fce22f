import type { Side } from './facts.ts'

/** The words of a name: `OrdersApi-v2` is `orders`, `api`, `v2`. */
export const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)

const generic = new Set(['global', 'db', 'database', 'aurora', 'cluster', 'rds'])

/** What the names of an application's things have in common, from names that are known: `orders` of `orders-global`. */
export const stemsOf = (names: readonly string[]): readonly string[] => [
  ...new Set(
    names
      .map((name) =>
        wordsOf(name)
          .filter((word) => !generic.has(word))
          .join(' '),
      )
      .filter(Boolean),
  ),
]

/** Whether a name has one of the stems in it, as whole words. */
export const isAbout = (name: string, stems: readonly string[]): boolean =>
  stems.some((stem) => ` ${wordsOf(name).join(' ')} `.includes(` ${stem} `))

const sideWords: Readonly<Record<Side, readonly string[]>> = {
  home: ['home', 'primary', 'main'],
  dr: ['dr', 'secondary', 'standby', 'failover', 'recovery', 'backup'],
}

/** The side that a name speaks of, by its words; undefined when it speaks of neither, or of both. */
export function sideInName(name: string): Side | undefined {
  const words = wordsOf(name)
  const home = words.some((word) => sideWords.home.includes(word))
  const dr = words.some((word) => sideWords.dr.includes(word))
  if (home === dr) return undefined
  return home ? 'home' : 'dr'
}

const inNames = /[a-z]{2}(-[a-z]+)+-\d/g
const short = /^[a-z]{2}(n|s|e|w|c|ne|nw|se|sw)\d$/

/** A name without what differs from side to side, so that `api-use1` and `api-usw2` are one service. */
export const pairingName = (name: string): string =>
  wordsOf(name.replace(inNames, ' '))
    .filter((word) => !sideWords.home.includes(word) && !sideWords.dr.includes(word) && !short.test(word))
    .join('-')

/** A region that a name has in it: `orders.us-east-1.example.com`. */
export const regionInName = (name: string): string | undefined => name.match(inNames)?.[0]
