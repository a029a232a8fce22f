import { slackManifest, UNKNOWN_URL } from '../../src/slack/manifest.ts'

/** slack-manifest.json: what somebody can paste who has nothing installed yet. */
export const manifestFile = (): string =>
  `${JSON.stringify(slackManifest({ command: '/dr', url: UNKNOWN_URL }), null, 2)}\n`
