import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Swagger UI over the document that this very API serves; nothing in it comes from elsewhere, and nothing is inline. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>WhatsApp Sender: API</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="ui"></div>
    <noscript>This page needs JavaScript. The document itself is <a href="/openapi.json">/openapi.json</a>.</noscript>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`

/** `validatorUrl`: the document stays here, and is not sent to a service that judges it. */
const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
  filter: true,
  validatorUrl: null,
})
`

export type DocsFile = Readonly<{ type: string; body: string | Buffer }>

const JAVASCRIPT = 'text/javascript; charset=utf-8'

export const DOCS_PAGE: DocsFile = { type: 'text/html; charset=utf-8', body: PAGE }

/**
 * What the page loads, by name. Read when it is asked for the first time and kept from then on: about 2 MB, in a process
 * that somebody has opened the page of.
 */
export function createDocsFiles(): (name: string) => Promise<DocsFile> | undefined {
  const files = new Map<string, () => Promise<DocsFile>>([
    ['start.js', once(() => Promise.resolve({ type: JAVASCRIPT, body: START }))],
    ['swagger-ui-bundle.js', fromModule(import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'), JAVASCRIPT)],
    ['swagger-ui.css', fromModule(import.meta.resolve('swagger-ui-dist/swagger-ui.css'), 'text/css; charset=utf-8')],
    ['favicon-32x32.png', fromModule(import.meta.resolve('swagger-ui-dist/favicon-32x32.png'), 'image/png')],
  ])
  return (name) => files.get(name)?.()
}

function fromModule(url: string, type: string): () => Promise<DocsFile> {
  return once(async () => ({ type, body: await readFile(fileURLToPath(url)) }))
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined
  return () => {
    reading ??= read()
    return reading
  }
}
