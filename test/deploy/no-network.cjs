// Preloaded into a process that must not talk to anybody: whoever tries ends it, and says with whom.
const net = require('node:net')
const dns = require('node:dns')

function refuse(what) {
  process.stderr.write(`tried to reach ${what}\n`)
  process.exit(66)
}
net.Socket.prototype.connect = (...args) => refuse(JSON.stringify(args[0]))
dns.lookup = (name) => refuse(name)
