import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { decodeFeedEvent, WEBHOOK_EVENT_TYPES } from '@whatsapp-sender/contract'
import { createOpenApiDocument } from '../src/openapi/document.ts'
import { DOCUMENT_FILE } from '../src/openapi/document-file.ts'
import { escaped, readDocument } from './document-schemas.ts'

const { operations, webhooks, responseOf, faultOf } = await readDocument()

test('the document that is served is made of the schemas that the routes parse with', async () => {
  const served: unknown = JSON.parse(await readFile(DOCUMENT_FILE, 'utf8'))
  const made: unknown = JSON.parse(JSON.stringify(createOpenApiDocument()))
  assert.deepEqual(served, made, 'run `npm run openapi`')
})

test('no two operations have the same name', () => {
  const names = operations.map(({ operationId }) => operationId)
  assert.deepEqual(names, [...new Set(names)])
})

test('every example of a request fits what the operation takes', () => {
  for (const { operationId, path, pointer, takes, requestBody } of operations) {
    for (const [type, { examples = {} }] of Object.entries(requestBody?.content ?? {})) {
      assert.ok(Object.keys(examples).length > 0, `${operationId} has no example`)
      for (const [name, { value }] of Object.entries(examples)) {
        const fault = faultOf(`${pointer}/requestBody/content/${escaped(type)}/schema`, value)
        assert.equal(fault, undefined, `${operationId}, example ${name}`)
      }
    }
    const named = takes.filter((parameter) => parameter.in === 'path' && typeof parameter.example === 'string')
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    assert.deepEqual(new Set(named.map(({ name }) => name)), new Set(inPath), `${operationId}: path parameters`)
  }
})

test('every event that a webhook can listen to is there, with a schema that takes it and no other', () => {
  assert.deepEqual(Object.keys(webhooks).sort(), [...WEBHOOK_EVENT_TYPES].sort())
  for (const [type, { post }] of Object.entries(webhooks)) {
    const pointer = `/webhooks/${escaped(type)}/post/requestBody/content/${escaped('application/json')}/schema`
    const event = Object(post.requestBody.content['application/json']?.example)
    assert.equal(faultOf(pointer, event), undefined, type)
    assert.equal(decodeFeedEvent(Buffer.from(JSON.stringify(event))).kind, 'record', type)
    assert.notEqual(faultOf(pointer, { ...event, type: 'message.other' }), undefined, type)
  }
})

test('every example of an answer fits its schema', () => {
  for (const operation of operations) {
    for (const status of Object.keys(operation.responses)) {
      const response = responseOf(operation, Number(status))
      assert.ok(response, `${operation.operationId} ${status}`)
      const samples = Object.entries(response.content ?? {}).flatMap(([type, { example, examples }]) =>
        (examples ? Object.values(examples).map(({ value }) => value) : [example]).map((value) => ({ type, value })),
      )
      for (const { type, value } of samples) {
        const fault = faultOf(`${response.pointer}/content/${escaped(type)}/schema`, value)
        assert.equal(fault, undefined, `${operation.operationId} ${status} ${type}`)
      }
    }
  }
})
