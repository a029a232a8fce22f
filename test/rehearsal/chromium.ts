import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/**
 * A headless Chromium that came as a package. It unpacks itself, the libraries a bare machine lacks, and a font into a
 * folder of its own: another version's may lie in the shared one.
 */
export async function launchChromium(): Promise<{ browser: Browser; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-chromium-'))
  const executablePath = await unpack(folder)
  // The package's own arguments are for Lambda: one process, and no web security, which is what is tested here.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  return {
    browser,
    async close() {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Unpacks into `folder`; the libraries are unpacked only for what believes to be on Lambda. */
async function unpack(folder: string): Promise<string> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = folder
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x'
  const { default: packaged } = await import('@sparticuz/chromium')
  const executable = await packaged.executablePath()
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
  delete process.env.AWS_EXECUTION_ENV
  process.env.FONTCONFIG_PATH = join(folder, 'fonts')
  writeFileSync(join(folder, 'fonts/fonts.conf'), fontConfig(folder))
  return executable
}

/** The packaged list of font folders does not follow the private one, and a Chromium without any font crashes. */
const fontConfig = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/font-cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`
