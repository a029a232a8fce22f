import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { LARGEST_FILE_BYTES, readFile } from '../../src/slack/files.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const reading = (base: string, url = `${base}/files-pri/F1/plan.json`) =>
  readFile({ name: 'plan.json', url }, { token: 'xoxb-1', apiUrl: `${base}/api/`, patienceMs: 500 })

describe('a private file', () => {
  test('is read with the bot’s token', async () => {
    const base = await serving((request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer xoxb-1' ? 200 : 403).end('{"a":"é"}')
    })
    expect(await reading(base)).toBe('{"a":"é"}')
  })

  test.each<[string, RequestListener, string]>([
    ['not there', (_, response) => response.writeHead(404).end('x'), 'Slack answered 404'],
    [
      'a login page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
      'may lack the scope files:read',
    ],
    [
      'said to be too large',
      (_, response) =>
        response.writeHead(200, { 'content-length': String(LARGEST_FILE_BYTES + 1) }).write('x'),
      'larger than 20 MB',
    ],
    [
      'larger than anybody said',
      (_, response) => {
        response.writeHead(200)
        for (let sent = 0; sent <= LARGEST_FILE_BYTES; sent += 1 << 20)
          response.write(Buffer.alloc(1 << 20, 32))
        response.end()
      },
      'larger than 20 MB',
    ],
    ['no text', (_, response) => response.writeHead(200).end(Buffer.from([0x1f, 0x8b, 0xff])), 'not text'],
    ['never answered', () => {}, 'did not hand it over in time'],
    [
      'cut in the middle',
      (_, response) => void response.writeHead(200).write('{', () => response.destroy()),
      'in time',
    ],
  ])('%s is refused in words', async (_, listener, why) => {
    await expect(reading(await serving(listener))).rejects.toThrow(why)
  })

  test('is not followed elsewhere: the token stays with Slack', async () => {
    const asked: string[] = []
    const other = await serving((request, response) => {
      asked.push(String(request.headers.authorization))
      response.writeHead(200).end('{}')
    })
    const base = await serving((_, response) => response.writeHead(302, { location: other }).end())
    await expect(reading(base)).rejects.toThrow('sent us elsewhere')
    for (const url of [`${other}/files-pri/F1/plan.json`, 'file:///etc/passwd', 'not an address'])
      await expect(reading(base, url)).rejects.toThrow('not kept by Slack itself')
    expect(asked).toEqual([])
  })

  test('of Slack’s own is read from files.slack.com only', async () => {
    const asked: string[] = []
    const fetching = (async (url: string) => {
      asked.push(url)
      return new Response('{}')
    }) as unknown as typeof fetch
    const source = { token: 'xoxb-1', fetch: fetching }
    const at = (url: string) => readFile({ name: 'plan.json', url }, source)
    expect(await at('https://files.slack.com/files-pri/T-F/plan.json')).toBe('{}')
    for (const url of [
      'http://files.slack.com/files-pri/T-F/plan.json',
      'https://files.slack.com.example.com/plan.json',
      'https://files.slack.com@example.com/plan.json',
      'https://example.com/plan.json',
    ])
      await expect(at(url)).rejects.toThrow('not kept by Slack itself')
    expect(asked).toEqual(['https://files.slack.com/files-pri/T-F/plan.json'])
  })
})
