import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSmallRun } from './small-run.ts'

const [folder = '', at = ''] = process.argv.slice(2)
let passed = 0

const { drive, engine } = await openSmallRun(folder, (where) => {
  if (++passed !== Number(at)) return
  writeFileSync(join(folder, 'killed'), where)
  process.kill(process.pid, 'SIGKILL')
})
await drive()
await engine.close()
