// Stands for the packages that Bolt loads for receivers the bot never uses: see scripts/bundle/bundle.ts.
class Unbundled {
  constructor() {
    throw new Error('This part of Bolt is left out of the bundle: scripts/bundle/unbundled.cjs')
  }
}

module.exports = Unbundled
for (const name of [
  'FileInstallationStore',
  'InstallProvider',
  'MemoryInstallationStore',
  'Router',
  'SocketModeClient',
  'match',
])
  module.exports[name] = Unbundled
