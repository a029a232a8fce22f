import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { zipSync } from 'fflate'
import { bundle, filesOf, sizeOf } from './bundle.ts'

const ROOT = join(import.meta.dirname, '../..')
/**
 * The same files make the same bytes whenever and wherever they are packed: all are of the first day a zip can say,
 * and plain files that everybody may read, as Lambda runs as another user than the one who owns them.
 */
const PACKED = { level: 9, mtime: new Date(1980, 0, 1), os: 3, attrs: (0o100644 << 16) >>> 0 } as const

/** A packed function: bytes of its start, of all it may load, and of its zip. */
export type Packed = {
  readonly name: string
  readonly entry: number
  readonly all: number
  readonly zipped: number
}

/** The handlers of `src/handlers`: name to source file. */
export const handlers = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    globSync('src/handlers/*.ts', { cwd: ROOT })
      .sort()
      .map((file) => [basename(file, '.ts'), file.replaceAll('\\', '/')]),
  )

/**
 * Bundles handlers together and packs each by itself, with its own chunks and the compiled plans:
 * `functions/NAME.zip` below `dist`. The source maps go to `maps/`, and into no package.
 */
export async function packFunctions(
  entries: Readonly<Record<string, string>>,
  plans: string,
  dist: string,
): Promise<readonly Packed[]> {
  for (const folder of ['bundle', 'maps', 'functions'])
    rmSync(join(dist, folder), { recursive: true, force: true })
  mkdirSync(join(dist, 'functions'), { recursive: true })
  const folder = join(dist, 'bundle')
  const metafile = await bundle(entries, folder, { maps: true })
  moveMaps(folder, join(dist, 'maps'))
  return Object.entries(entries).map(([name, entry]) => {
    const files = filesOf(metafile, entry).map((path) => join(ROOT, path))
    const named = files.map((file) => [relative(folder, file).replaceAll('\\', '/'), readFileSync(file)])
    const packed = zipSync({ 'plans.json': Buffer.from(plans), ...Object.fromEntries(named.sort()) }, PACKED)
    writeFileSync(join(dist, `functions/${name}.zip`), packed)
    return { name, ...sizeOf(metafile, entry), zipped: packed.length }
  })
}

function moveMaps(from: string, to: string): void {
  for (const file of globSync('**/*.map', { cwd: from })) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    renameSync(join(from, file), join(to, file))
  }
}
