import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')
const UNBUNDLED = join(import.meta.dirname, 'unbundled.cjs')

/** What Bolt requires for its HTTP, Express and socket-mode receivers: 1.4 MB that a Lambda never runs. */
const BOLT_ALIASES = Object.fromEntries(
  ['@slack/socket-mode', '@slack/oauth', 'express', 'raw-body', 'path-to-regexp'].map((name) => [
    name,
    UNBUNDLED,
  ]),
)

/**
 * Bundles Lambda handlers, ESM and split into chunks. `entries`: name in `outdir` -> source file, relative to the
 * repository. `stock` leaves Bolt whole, for comparison; `maps` writes source maps beside the files, which do not mention
 * them. Answers esbuild's metafile, its paths relative to the repository.
 */
export async function bundle(
  entries: Readonly<Record<string, string>>,
  outdir: string,
  { stock = false, maps = false }: { stock?: boolean; maps?: boolean } = {},
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { ...entries },
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // ESM builds first, which can be shaken; web-api sets error names from class names, so names are kept.
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    legalComments: 'none',
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    alias: stock ? {} : BOLT_ALIASES,
    ...(maps ? { sourcemap: 'external', sourcesContent: false } : {}),
    metafile: true,
    logLevel: 'error',
  })
  return metafile
}

/** Bytes a handler loads: `entry`, its chunk with static imports; `all`, with what it may import later too. */
export function sizeOf(metafile: Metafile, entry: string): { readonly entry: number; readonly all: number } {
  const size = (paths: readonly string[]) =>
    paths.reduce((bytes, path) => bytes + (metafile.outputs[path]?.bytes ?? 0), 0)
  return { entry: size(reached(metafile, entry, ['import-statement'])), all: size(filesOf(metafile, entry)) }
}

/** The files a handler may load, its own first; relative to the repository. Throws when it is not in the bundle. */
export const filesOf = (metafile: Metafile, entry: string): readonly string[] =>
  reached(metafile, entry, ['import-statement', 'dynamic-import', 'require-call'])

function reached(metafile: Metafile, entry: string, follow: readonly string[]): readonly string[] {
  const start = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry)?.[0]
  if (!start) throw new Error(`${entry} is no entry of this bundle`)
  const seen = new Set([start])
  for (const path of seen)
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? [])
      if (!external && follow.includes(kind)) seen.add(next)
  return [...seen]
}
