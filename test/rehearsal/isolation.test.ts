import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const script = `
import { stayOnThisMachine } from './rehearsal/isolation.ts'
import { connect } from 'node:net'
import { request } from 'node:https'
import { createServer } from 'node:http'
stayOnThisMachine(['slack.allowed.test', '.below.test'])
const tried = async (what) => { try { await what(); return 'open' } catch (error) { return (error.cause ?? error).message } }
const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1')
await new Promise((listening) => server.once('listening', listening))
console.log(JSON.stringify([
  await tried(() => connect(80, '203.0.113.9')),
  await tried(() => connect({ host: 'rds.us-east-1.amazonaws.com', port: 443 })),
  await tried(() => new Promise((resolve, reject) => request('https://sts.amazonaws.com/', resolve).on('error', reject).end())),
  await tried(() => fetch('http://169.254.169.254/latest/meta-data/')),
  await tried(() => connect(80, 'notbelow.test')),
  await tried(() => connect(1, 'wss.below.test').on('error', () => {})),
  await tried(async () => (await fetch('http://127.0.0.1:' + server.address().port)).text()),
]))
server.close()
process.exit()
`

test('a bot that stays on this machine reaches no AWS, whatever asks: sockets, https, fetch, the metadata address', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  })
  expect(stderr).toBe('')
  const [direct, named, https, metadata, beside, below, here] = JSON.parse(stdout)
  expect(direct).toBe('A rehearsal opens no connection to 203.0.113.9.')
  expect(named).toContain('rds.us-east-1.amazonaws.com')
  expect(https).toContain('sts.amazonaws.com')
  expect(metadata).toContain('169.254.169.254')
  expect(beside).toContain('notbelow.test')
  expect(below).toBe('open')
  expect(here).toBe('open')
})
