import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export type Page = { readonly html: string; readonly js: string; readonly css: string }

let page: Promise<Page> | undefined

/** The console's page, bundled in memory when it is first asked for. */
export function bundledPage(): Promise<Page> {
  page ??= bundle()
  return page
}

async function bundle(): Promise<Page> {
  const at = (name: string) => fileURLToPath(new URL(`./page/${name}`, import.meta.url))
  const { outputFiles } = await build({
    entryPoints: { console: at('main.tsx'), style: at('style/console.css') },
    bundle: true,
    minify: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    outdir: 'out',
    write: false,
  })
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
  return { html, js: textOf('console.js'), css: textOf('style.css') }
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Understudy · rehearsal</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<div id="console"></div>
<script type="module" src="/console.js"></script>
</body>
</html>
`
