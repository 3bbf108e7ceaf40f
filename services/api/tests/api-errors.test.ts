import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { PROBLEMS } from '../src/http/problem.ts'
import { startApi } from './api-under-test.ts'

const docs = new URL('../../../docs/', import.meta.url)
const SECTIONS = ['When it comes', 'What to do', 'Does repeating help?', 'Example']

test('docs/api-errors.md lists every code with its status, and no other', async () => {
  const page = await readFile(new URL('api-errors.md', docs), 'utf8')
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => `${code} ${status}`)
  const answered = Object.entries(PROBLEMS).map(([code, [status]]) => `${code} ${status}`)
  assert.deepEqual(listed.sort(), answered.sort())
})

test('every code has its page in docs/errors, made as docs/errors/overloaded.md is, and there is no other', async () => {
  const pages = (await readdir(new URL('errors/', docs))).map((name) => name.replace(/\.md$/, ''))
  assert.deepEqual(pages.sort(), Object.keys(PROBLEMS).sort())
})

for (const [code, [status, title]] of Object.entries(PROBLEMS)) {
  test(`docs/errors/${code}.md says when it comes, what to do, whether repeating helps, and shows the answer`, async () => {
    const page = await readFile(new URL(`errors/${code}.md`, docs), 'utf8')
    assert.ok(page.startsWith(`# ${code}\n\n**${status}** ${title}\n`), 'it begins with code, status and title')
    const sections = [...page.matchAll(/^## (.+)\n\n([\s\S]+?)\n(?=\n## |$(?![\s\S]))/gm)]
    assert.deepEqual(
      sections.map(([, heading]) => heading),
      SECTIONS,
    )
    const example: Record<string, unknown> = JSON.parse(
      /^```json\n([\s\S]+)\n```$/.exec(sections[3]?.[2] ?? '')?.[1] ?? '',
    )
    const { detail, message, requestId } = example
    assert.deepEqual({ ...example, type: `/errors/${code}`, title, status, code }, example)
    assert.ok(typeof detail === 'string' && detail !== '' && typeof requestId === 'string')
    assert.equal(message, detail)
  })
}

test('the type of an answer leads to its page, without a login, and to no other file', async () => {
  const api = await startApi()
  try {
    const { body } = await api.anybody.get('/v1/messages')
    const response = await fetch(new URL(String(body['type']), api.url))
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/markdown; charset=utf-8')
    assert.equal(await response.text(), await readFile(new URL('errors/unauthenticated.md', docs), 'utf8'))
    for (const other of ['nothing', 'toString', '..%2Fapi', 'unauthenticated.md', '%2e%2e%2fREADME']) {
      assert.equal((await api.anybody.get(`/errors/${other}`)).body['code'], 'not-found', other)
    }
  } finally {
    await api.stop()
  }
})

test('the type of an answer leads to where the installation has its pages', async () => {
  const api = await startApi({ env: { ERROR_DOCS_URL: 'https://docs.example.com/whatsapp/errors/' } })
  try {
    const { body } = await api.anybody.get('/v1/nothing')
    assert.equal(body['type'], 'https://docs.example.com/whatsapp/errors/not-found')
  } finally {
    await api.stop()
  }
})
