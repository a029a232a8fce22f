import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FlowName, openSmallRun } from './small-run.ts'

const [folder = '', at = '', flow = ''] = process.argv.slice(2)
let passed = 0

const boundary = (where: string) => {
  if (++passed !== Number(at)) return
  writeFileSync(join(folder, 'killed'), where)
  process.kill(process.pid, 'SIGKILL')
}
const { drive, engine } = await openSmallRun(folder, boundary, { flow: flow as FlowName })
await drive()
await engine.close()
