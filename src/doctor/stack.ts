import type { Patient } from './place.ts'

/** The bot's own stack on AWS, as its alias and its table name it. */
export type Stack = {
  /** `understudy-STAGE`: what all of its things are called by. */
  readonly prefix: string
  readonly region: string
  /** The durable function, and the alias that runs are started through. */
  readonly run: string
  readonly alias: string
}

/** The functions of a stack, by the ends of their names. */
export const functionNames = ['front', 'worker', 'run', 'watch'] as const
/** The alarms of a stack, by the ends of their names. */
export const alarmNames = [
  'front-errors',
  'front-slow',
  'run-failed',
  'run-stuck',
  'watch-silent',
  'dead-letters',
  'worker-behind',
] as const

/** Undefined where runs are carried out on one machine, which has no stack. */
export function stackOf({ engine }: Pick<Patient, 'engine'>): Stack | undefined {
  if (engine?.kind !== 'lambda') return undefined
  const [run = '', alias = ''] = engine.alias.split(':').slice(-2)
  return { prefix: run.replace(/-run$/, ''), region: engine.region, run, alias }
}
