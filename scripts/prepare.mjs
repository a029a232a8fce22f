// Runs on the host's own Node (20 or newer), before any other script: installs what is missing, once.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')
const installed = join(root, 'node_modules/.package-lock.json')
const lock = join(root, 'package-lock.json')

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  process.stderr.write('Installing what is missing, once…\n')
  // Not `npm ci`: it refuses a lock file made where a registry lacks the builds of some other platforms. What is in
  // the lock file is installed exactly, and neither file is written to.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = spawnSync('npm', ['install', ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
  if (npm.status !== 0) process.exit(npm.status ?? 1)
  // npm leaves its own list as it was when nothing was missing.
  utimesSync(installed, new Date(), new Date())
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
