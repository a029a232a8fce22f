import type { Account } from '../aws/clients.ts'

/** What to look for on AWS, and as whom. */
export type Wish = {
  /** The plan's name: things are the application's when theirs has its words in it. */
  readonly name: string
  readonly globalCluster: string
  readonly home: string
  readonly dr?: string
  /** The ECS cluster, where its name says nothing. */
  readonly clusterName?: string
  /** A hosted zone's id or name, and the record that moves; left out: every public zone is searched. */
  readonly zone?: string
  readonly record?: string
  readonly workload: Account
  readonly dns: Account
}
