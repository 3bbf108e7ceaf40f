import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { z } from 'zod'
import { COLLECTION_FILE, createCollection } from '../src/openapi/collection.ts'
import { ADMIN, type ApiUnderTest, startApi } from './api-under-test.ts'
import { readDocument } from './document-schemas.ts'

const Field = z.object({ key: z.string(), value: z.string() })
const Item = z.object({
  name: z.string(),
  request: z.object({
    method: z.string(),
    auth: z.object({ type: z.literal('noauth') }).optional(),
    header: z.array(Field.extend({ disabled: z.boolean().optional() })),
    url: z.object({ raw: z.string(), variable: z.array(Field) }),
    body: z.object({ raw: z.string().optional() }).optional(),
  }),
  event: z.array(z.object({ script: z.object({ exec: z.array(z.string()) }) })).optional(),
})
type Item = z.infer<typeof Item>
const Folder = z.object({
  name: z.string(),
  get item() {
    return z.array(z.union([Item, Folder]))
  },
})
const Collection = Folder.omit({ name: true }).extend({ variable: z.array(Field) })

const { operations } = await readDocument()
const collection = Collection.parse(JSON.parse(await readFile(COLLECTION_FILE, 'utf8')))
const requests = requestsOf(collection.item)

let api: ApiUnderTest
before(async () => {
  api = await startApi()
})
after(() => api.stop())

test('the collection is made of the schemas that the routes parse with, and has every operation', async () => {
  const kept: unknown = JSON.parse(await readFile(COLLECTION_FILE, 'utf8'))
  assert.deepEqual(kept, JSON.parse(JSON.stringify(createCollection())), 'run `npm run openapi`')
  const calls = new Set(requests.map(({ request }) => `${request.method} ${request.url.raw}`))
  for (const { method, path } of operations) {
    const call = `${method.toUpperCase()} {{baseUrl}}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`
    assert.ok(calls.has(call), call)
  }
})

test('whoever sets address, e-mail and password and logs in can send every other request as it is', async () => {
  const named = collection.variable.map(({ key, value }): [string, string] => [key, value])
  const variables = new Map([...named, ['baseUrl', api.url], ['email', ADMIN.email], ['password', ADMIN.password]])
  assert.equal((await send('Read your profile', variables)).status, 401)
  assert.equal((await send('Log in', variables)).status, 200)
  assert.equal((await send('Read your profile', variables)).status, 200)
  const [first, second] = [variables.get('refreshToken'), await send('Get new tokens', variables)]
  assert.equal(second.status, 200)
  assert.notEqual(variables.get('refreshToken'), first)
  assert.equal((await send('Read your profile', variables)).status, 200)
})

/** As the programs do that read collections. */
async function send(name: string, variables: Map<string, string>): Promise<Response> {
  const item = requests.find((each) => each.name === name)
  assert.ok(item, name)
  const { method, auth, header, url, body } = item.request
  const filled = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, key: string) => variables.get(key) ?? '')
  const address = url.variable.reduce((raw, { key, value }) => raw.replace(`:${key}`, value), url.raw)
  const headers = new Headers(header.filter(({ disabled }) => !disabled).map(({ key, value }) => [key, filled(value)]))
  if (auth === undefined) headers.set('authorization', `Bearer ${variables.get('token')}`)
  const response = await fetch(filled(address), { method, headers, ...(body?.raw && { body: filled(body.raw) }) })
  const json: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  const collectionVariables = { set: (key: string, value: string) => void variables.set(key, value) }
  const pm = { response: { json: () => json }, collectionVariables }
  for (const { script } of item.event ?? []) runInNewContext(script.exec.join('\n'), { pm })
  return response
}

function requestsOf(items: z.infer<typeof Folder>['item']): Item[] {
  return items.flatMap((each) => ('item' in each ? requestsOf(each.item) : [each]))
}
