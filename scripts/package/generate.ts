import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { roleDocuments } from '../../deploy/policies/documents.ts'
import { generated } from '../../deploy/stack/generated.ts'
import { copiesOf, type Stages } from '../../deploy/stages.ts'
import type { Plan } from '../../src/plan/schema.ts'

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** Writes what `serverless.yml` reads, a file per copy, below `dist/deploy`. */
export function writeGenerated(stages: Stages, plans: readonly Plan[], dist: string): void {
  const folder = empty(join(dist, 'deploy'))
  for (const copy of copiesOf(stages))
    writeFileSync(join(folder, `${copy.stage}.${copy.region}.json`), json(generated(copy, plans)))
}

/** A file that was written for a role of a plan's account, and how many characters IAM counts in it. */
export type PolicyFile = { readonly role: string; readonly file: string; readonly characters: number }

/** IAM's limits: a managed policy, and a trust policy before anybody has asked for more. */
const MOST = { permissions: 6_144, trust: 2_048 }

/**
 * Writes the documents that belong to the plans' roles, below `dist/policies/ACCOUNT`. Throws when one is more than IAM
 * takes.
 */
export function writePolicies(stages: Stages, plans: readonly Plan[], dist: string): readonly PolicyFile[] {
  const folder = empty(join(dist, 'policies'))
  return roleDocuments(plans, stages).flatMap(({ role, permissions, trust }) => {
    const [, account = '', name = ''] = /:(\d{12}):role\/(?:.*\/)?(.+)$/.exec(role) ?? []
    mkdirSync(join(folder, account), { recursive: true })
    const documents = {
      trust,
      ...Object.fromEntries(permissions.map((part, index) => [`permissions-${index + 1}`, part])),
    }
    return Object.entries(documents).map(([kind, document]) => {
      const file = join(folder, account, `${name}.${kind}.json`)
      const characters = JSON.stringify(document).length
      if (characters > MOST[kind === 'trust' ? 'trust' : 'permissions'])
        throw new Error(
          `${role}: its ${kind} has ${characters} characters; let fewer plans or stages share it`,
        )
      writeFileSync(file, json(document))
      return { role, file, characters }
    })
  })
}

function empty(folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}
