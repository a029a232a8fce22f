import { type CheckId, checks, type Group } from './checks.ts'

export type Level = 'ok' | 'warn' | 'fault' | 'unknown'

/** What one check came to about one thing. Whatever is not fine says what to do about it. */
export type Finding = Told & ({ readonly level: 'ok' } | Wrong)
type Told = {
  readonly check: CheckId
  readonly group: Group
  /** What it is about: `orders in us-east-1`, `U0ALICE`. */
  readonly about: string
  readonly says: string
}
type Wrong = {
  readonly level: Exclude<Level, 'ok'>
  readonly remedy: string
  /** The region whose silence is why nothing is known: such findings are told once a region. */
  readonly silent?: string
}

type Judge = (check: CheckId, about: string, says: string, remedy?: string) => Wrong & Told

const judging =
  (level: Wrong['level']): Judge =>
  (check, about, says, remedy = checks[check].remedy) => ({
    check,
    group: checks[check].group,
    about,
    level,
    says,
    remedy,
  })

/** It is as it has to be. */
export const ok = (check: CheckId, about: string, says: string): Finding => ({
  check,
  group: checks[check].group,
  about,
  level: 'ok',
  says,
})
/** It works, and will hurt one day. The remedy is the check's own unless another is given; so in the next two. */
export const warn = judging('warn')
/** Something that a run needs is not there. */
export const fault = judging('fault')
/** It could not be seen, which is never fine. */
export const unknown = judging('unknown')

/** It could not be seen because a whole region gives no answer. */
export const silent = (check: CheckId, about: string, region: string): Finding => ({
  ...unknown(check, about, `${region} gives no answer`),
  silent: region,
})
