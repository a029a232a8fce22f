import { describe, expect, it } from 'vitest'
import { wallPatience } from '../../src/aws/patience.ts'
import type { Outside } from '../../src/flows/world.ts'
import { thrown } from './rig.ts'
import { scripted } from './scripted.ts'

const never = () => new Promise<never>(() => {})

/** Every region takes requests and never answers; people's time passes a hundred times as fast. */
const silent = () =>
  scripted({
    rds: {
      DescribeDBClusters: never,
      DescribeDBInstances: never,
      DescribeGlobalClusters: never,
      DescribeDBClusterSnapshots: never,
    },
    patience: { after: (ms, wake) => wallPatience.after(ms / 100, wake) },
  })

const acts: Record<string, (database: Outside['database']) => Promise<unknown>> = {
  'a copy of a snapshot': (database) => database.copySnapshot('home', 'rds:a', 'dr-run1-rescue'),
  'a copy in the other region': (database) => database.copySnapshotAcross('home', 'rds:a', 'dr-run1-rescue'),
  'a snapshot': (database) => database.takeSnapshot('home', 'dr-run1-stale'),
  'a new global cluster': (database) => database.createGlobal('dr'),
  'a deletion': (database) => database.deleteStale('home', 'dr-run1-final'),
}

describe('in a region that never answers', () => {
  it.each(Object.entries(acts))('%s is given up in time, and changes nothing', async (_, act) => {
    const { outside, changes } = silent()
    const { code, message } = await thrown(act(outside.database))
    expect(code).toBe('ACT_REJECTED')
    expect(message).toContain('rds:Describe')
    expect(changes()).toEqual([])
  })
})
