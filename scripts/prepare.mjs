// Runs on the host's own Node (20 or newer), before any other script: installs what is missing, once.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')
const installed = join(root, 'node_modules/.package-lock.json')
const lock = join(root, 'package-lock.json')

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  process.stderr.write('Installing what is missing, once…\n')
  const flags = ['--no-audit', '--no-fund', '--loglevel=error']
  const npm = spawnSync('npm', ['ci', ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
  if (npm.status !== 0) process.exit(npm.status ?? 1)
}

const local = join(root, 'node_modules/.bin/node')
const major = Number(
  execFileSync(existsSync(local) ? local : process.execPath, ['-p', 'process.versions.node'])
    .toString()
    .split('.')[0],
)
if (major < 24) {
  process.stderr.write(
    'Understudy needs Node 24 or newer, and this platform has no packaged one: install it first.\n',
  )
  process.exit(1)
}
