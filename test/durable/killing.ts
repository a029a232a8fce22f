import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlowName } from './small-run.ts'

/** Most of a small run's time is the SDK's pauses between invocations. */
const AT_A_TIME = 8

/** Folders for runs of a flow, and processes that carry one out until they kill themselves. */
export function killing(flow: FlowName) {
  const root = mkdtempSync(join(tmpdir(), 'understudy-kill-'))
  return {
    newFolder(name: string): string {
      const folder = join(root, name)
      mkdirSync(folder)
      return folder
    },
    /** Goes on with the folder's run up to its nth boundary; answers the signal the process died of. */
    runUntilKilled(folder: string, at: number): Promise<string | null> {
      const file = new URL('./kill-child.ts', import.meta.url).pathname
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', file, folder, String(at), flow],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
          env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') },
        },
      )
      return new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)))
    },
    clear: () => rmSync(root, { recursive: true }),
  }
}

/** Plays every boundary once, a few at a time, in order; points count from 1. */
export async function atEach<T>(
  boundaries: readonly string[],
  play: (point: number) => Promise<T>,
): Promise<T[]> {
  const points = boundaries.map((_, index) => index + 1)
  const played: T[] = []
  for (let first = 0; first < points.length; first += AT_A_TIME)
    played.push(...(await Promise.all(points.slice(first, first + AT_A_TIME).map(play))))
  return played
}
