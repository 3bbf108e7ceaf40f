import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { anchorsOf, blocksOf, linksOf } from './markdown.ts'
import { parsesInShell, readPages, root } from './pages.ts'

const pages = await readPages()

test('no page points to a page, a heading or a picture that is not there', () => {
  const broken = [...pages].flatMap(([path, page]) =>
    linksOf(page)
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .flatMap(({ target, line }) => {
        const [file = '', anchor] = target.split('#')
        const to = file === '' ? path : normalize(join(dirname(path), file))
        if (!existsSync(join(root, to))) return [`${path}:${line}: there is no ${to}`]
        if (anchor === undefined || anchorsOf(pages.get(to) ?? '').has(anchor)) return []
        return [`${path}:${line}: ${to} has no heading #${anchor}`]
      }),
  )
  assert.deepEqual(broken, [])
})

test('the index of the documentation leads to every page in docs/, and to the folders that have a page for each error and alert', () => {
  const linked = new Set(linksOf(pages.get('docs/README.md') ?? '').map(({ target }) => `docs/${target}`))
  const missing = [...pages.keys()].filter((path) => /^docs\/(?!errors\/|runbooks\/W|README\.md)/.test(path))
  assert.deepEqual(
    missing.filter((path) => !linked.has(path)),
    [],
  )
  assert.ok(linked.has('docs/errors/') && linked.has('docs/runbooks/README.md'))
})

test('a shell understands every command of every page', async () => {
  const wrong: string[] = []
  for (const [path, page] of pages) {
    for (const { text, line } of blocksOf(page).filter(({ language }) => ['sh', 'bash', 'shell'].includes(language))) {
      const fault = await parsesInShell(text)
      if (fault !== undefined) wrong.push(`${path}:${line}: ${fault}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('docs/configuration.md describes every variable of .env.example, and no other', async () => {
  const example = await readFile(join(root, '.env.example'), 'utf8')
  const variables = new Set([...example.matchAll(/^#? ?([A-Za-z_]+)=/gm)].map(([, name]) => name))
  const table = (pages.get('docs/configuration.md') ?? '').split('\n').filter((line) => line.startsWith('| `'))
  const described = table.flatMap((line) =>
    [...(line.split('|')[1] ?? '').matchAll(/`([A-Za-z_]+)`/g)].map(([, name]) => name),
  )
  assert.deepEqual(new Set(described), variables)
})

test('docs/api.md has every route of the API, and no other', async () => {
  const table = (pages.get('docs/api.md') ?? '').matchAll(/^\| `([A-Z]+ [^`?]+)[^`]*` \|/gm)
  assert.deepEqual(new Set([...table].map(([, row]) => row)), await routesOfApi())
})

test('the OpenAPI document has every route of the API, and no other', async () => {
  const { paths } = Document.parse(JSON.parse(await readFile(join(root, 'services/api/openapi.json'), 'utf8')))
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(new Set(described), await routesOfApi(), 'describe it (docs/openapi.md), then `npm run openapi`')
})

const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

async function routesOfApi(): Promise<Set<string>> {
  const source = await readRouteTables()
  const routes = [...source.matchAll(/^ {4}'([^']+)': \{(.*)\},$/gm)].flatMap(([, path = '', methods = '']) =>
    [...methods.matchAll(/\b(get|post|patch|put|delete): \[/g)].map(
      ([, method = '']) => `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    ),
  )
  assert.ok(routes.length > 10)
  return new Set(routes)
}

/** The list of all routes, and those of the areas. */
async function readRouteTables(): Promise<string> {
  const sources: string[] = []
  for await (const file of glob('services/api/src/{routes,*/*-routes}.ts', { cwd: root })) {
    sources.push(await readFile(join(root, file), 'utf8'))
  }
  return sources.join('\n')
}
