import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ADMIN, type ApiUnderTest, startApi } from './api-under-test.ts'
import { createDocumentedCalls, type DocumentedCalls } from './documented-calls.ts'
import { callEveryOperation } from './every-operation.ts'

let api: ApiUnderTest
let documented: DocumentedCalls

before(async () => {
  // It is answered before anything is mailed, so nobody has to be there to take it.
  api = await startApi({ env: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'sender@example.com' } })
  documented = await createDocumentedCalls(api.url)
})
after(() => api.stop())

test('every operation answers its own examples as the document says', async () => {
  await callEveryOperation(api, documented)
})

test('who cannot prove who he is gets the 401 that the document describes', async () => {
  const guarded = documented.operations.filter(({ security }) => security.length > 0)
  assert.ok(guarded.length > 40)
  for (const operation of guarded) assert.equal(await documented.attempt(operation), 401, operation.operationId)
})

test('a body that an operation does not know gets an answer that the document describes', async () => {
  const { token } = await api.logIn(ADMIN.email, ADMIN.password)
  for (const operation of documented.operations.filter(({ requestBody }) => requestBody)) {
    for (const body of [{ unheardOf: 1 }, []]) {
      const status = await documented.attempt(operation, { token, body })
      assert.ok(status >= 400 && status < 500, `${operation.operationId} ${status}`)
    }
  }
})

test('a path that holds anything gets an answer that the document describes', async () => {
  const { token } = await api.logIn(ADMIN.email, ADMIN.password)
  const withPath = documented.operations.filter(({ path }) => path.includes('{'))
  for (const operation of withPath) {
    for (const value of ['../x', '%', 'x'.repeat(300), '0']) {
      const path = Object.fromEntries(operation.takes.map(({ name }) => [name, value]))
      const status = await documented.attempt(operation, { token, path })
      assert.ok(status < 500, `${operation.operationId} ${value} ${status}`)
    }
  }
})
