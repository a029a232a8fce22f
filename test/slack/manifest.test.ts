import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { manifest as printed } from '../../src/cli/manifest.ts'
import { type SlackManifest, slackManifest } from '../../src/slack/manifest.ts'
import { publishedManifestSchema } from './manifest-schema.ts'

const ROOT = join(import.meta.dirname, '../..')
const FRONT = 'https://abc.lambda-url.us-west-2.on.aws/'
const file = () => JSON.parse(readFileSync(join(ROOT, 'slack-manifest.json'), 'utf8')) as SlackManifest

/** Slack's own schema as a file, for whoever has it: github.com/slackapi/manifest-schema, manifest.schema.json. */
const own = process.env.UNDERSTUDY_SLACK_MANIFEST_SCHEMA
const schemas: [string, object][] = [
  ["what Slack's package publishes", publishedManifestSchema()],
  ...(own ? [["Slack's schema", JSON.parse(readFileSync(own, 'utf8'))] as [string, object]] : []),
]

describe.each(schemas)('against %s', (name, schema) => {
  const check = new Ajv({ strict: false, allErrors: true, logger: false }).compile(schema)
  const faultsOf = (manifest: unknown) => {
    check(structuredClone(manifest))
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }

  test.each<[string, () => SlackManifest]>([
    ['slack-manifest.json', file],
    ['the app of a deployed copy', () => slackManifest({ command: '/dr', url: FRONT })],
    ['the second copy', () => slackManifest({ command: '/dr-west', url: FRONT })],
    ['the rehearsal', () => slackManifest({ command: '/dr-rehearsal' })],
    ['the longest command', () => slackManifest({ command: `/dr-${'x'.repeat(20)}` })],
  ])('%s is a manifest', (_, manifest) => expect(faultsOf(manifest())).toEqual([]))

  type Path = readonly (string | number)[]
  const common: [string, Path, unknown][] = [
    ['a field that is misspelt', ['settings', 'interactvity'], { is_enabled: true }],
    ['no name', ['display_information', 'name'], undefined],
    ['a name of 36 characters', ['display_information', 'name'], 'x'.repeat(36)],
    ['a description of 141', ['display_information', 'description'], 'x'.repeat(141)],
    ['a command without its slash', ['features', 'slash_commands', 0, 'command'], 'dr'],
    ['a command of 33', ['features', 'slash_commands', 0, 'command'], `/${'x'.repeat(32)}`],
    ['a command nobody describes', ['features', 'slash_commands', 0, 'description'], undefined],
    ['scopes that are no list', ['oauth_config', 'scopes', 'bot'], 'commands'],
    ['a switch that is text', ['settings', 'socket_mode_enabled'], 'false'],
    ['interactivity neither on nor off', ['settings', 'interactivity', 'is_enabled'], undefined],
    ['an address that is none', ['settings', 'event_subscriptions', 'request_url'], 'abc.on.aws'],
  ]
  const stricter: typeof common = [
    ['a scope that does not exist', ['oauth_config', 'scopes', 'bot', 0], 'chat:wirte'],
    ['an event that does not exist', ['settings', 'event_subscriptions', 'bot_events', 0], 'message.channel'],
    ['a bot name with a space', ['features', 'bot_user', 'display_name'], 'under study'],
    ['an http address', ['settings', 'interactivity', 'request_url'], 'http://abc.on.aws/'],
  ]
  test.each([...common, ...(name === "Slack's schema" ? [] : stricter)])('%s is none', (_, path, value) => {
    const broken = structuredClone(file()) as Record<string | number, unknown>
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as typeof broken, broken)
    const last = path.at(-1) ?? ''
    if (value === undefined) delete parent[last]
    else parent[last] = value
    expect(faultsOf(broken)).not.toEqual([])
  })
})

describe('scopes', () => {
  /** What each method of the Web API asks of a bot's token (docs.slack.dev/reference/methods). */
  const asked: Readonly<Record<string, readonly string[]>> = {
    'chat.postMessage': ['chat:write'],
    'chat.update': ['chat:write'],
    'chat.postEphemeral': ['chat:write'],
    'chat.getPermalink': [],
    'conversations.history': ['channels:history', 'groups:history'],
    'conversations.replies': ['channels:history', 'groups:history'],
    'views.open': [],
  }
  /** What is used beside methods: a slash command, files that are downloaded, and what brings an event. */
  const features: Readonly<Record<string, readonly string[]>> = {
    slash_commands: ['commands'],
    files: ['files:read'],
    'message.channels': ['channels:history'],
    'message.groups': ['groups:history'],
  }
  const code = globSync('src/slack/**/*.ts', { cwd: ROOT })
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n')
  const called = [
    ...new Set([...code.matchAll(/\bclient\.((?:\w+\.)+\w+)\(/g)].map(([, method = '']) => method)),
  ]
  const methods = called.filter((method) => method.includes('.'))
  const { oauth_config, features: shown, settings } = file()
  const scopes: readonly string[] = oauth_config?.scopes?.bot ?? []
  const events: readonly string[] = settings?.event_subscriptions?.bot_events ?? []

  test('every method the code calls is one whose scopes are known', () => {
    expect(methods.length).toBeGreaterThan(5)
    expect(Object.keys(asked).sort()).toEqual(methods.sort())
  })

  test('cover exactly what the code does', () => {
    const used = [
      ...methods.flatMap((method) => asked[method] ?? []),
      ...(shown?.slash_commands?.length ? (features.slash_commands ?? []) : []),
      ...(/authorization: `Bearer/.test(code) ? (features.files ?? []) : []),
      ...events.flatMap((event) => features[event] ?? [`nothing for ${event}`]),
    ]
    expect([...new Set(used)].sort()).toEqual([...scopes].sort())
  })

  test('that are optional are among those of the bot, as Slack asks, and none of them is needed to post', () => {
    const optional: readonly string[] = oauth_config?.scopes?.bot_optional ?? []
    expect(scopes).toEqual(expect.arrayContaining([...optional]))
    expect(scopes.filter((scope) => !optional.includes(scope))).toEqual(['commands', 'chat:write'])
    expect(oauth_config?.scopes?.user).toBeUndefined()
  })
})

describe('understudy manifest', () => {
  const run = async (...args: string[]) => {
    const lines: string[] = []
    const exit = await printed(args, (line) => lines.push(line))
    return { exit, text: lines.join('\n') }
  }

  test('prints slack-manifest.json as it is', async () => {
    const { exit, text } = await run()
    expect(exit).toBe(0)
    expect(JSON.parse(text)).toEqual(file())
  })

  test('fills in the address everywhere, and nothing else', async () => {
    const { text } = await run('--url', FRONT)
    expect(text.split(FRONT)).toHaveLength(4)
    expect(text).not.toContain('.invalid')
    expect(text.replaceAll(FRONT, 'https://understudy.invalid/')).toBe((await run()).text)
  })

  test('for a rehearsal: its own names, Socket Mode, no address', async () => {
    const { text } = await run('--command', '/dr-rehearsal', '--socket')
    expect(JSON.parse(text)).toMatchObject({
      display_information: { name: 'Understudy rehearsal' },
      features: {
        bot_user: { display_name: 'understudy-rehearsal' },
        slash_commands: [{ command: '/dr-rehearsal' }],
      },
      settings: { socket_mode_enabled: true },
    })
    expect(text).not.toContain('http')
  })

  test('names every fault at once and ends with 2', async () => {
    const { exit, text } = await run('--command', 'DR!', '--url', 'http://x', '--socket')
    expect(exit).toBe(2)
    for (const part of ['“DR!” is no slash command', '“http://x” is no https address', 'exclude each other'])
      expect(text).toContain(part)
    expect(await run('--bogus')).toMatchObject({ exit: 2, text: expect.stringContaining('--bogus') })
  })
})
