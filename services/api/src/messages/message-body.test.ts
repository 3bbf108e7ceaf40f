import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { CONTENTS } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { createMessageBodies, partsOf } from './message-body.ts'
import { createRecipientSchema } from './recipient.ts'

const bodies = createMessageBodies(createRecipientSchema('BR'))
const PAGE = new URL('../../../../docs/message-kinds.md', import.meta.url)

test('docs/message-kinds.md has an example of every kind, and each is a body that is taken', async () => {
  const page = await readFile(PAGE, 'utf8')
  const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']): unknown => JSON.parse(json))
  const kinds = examples.map((example) => partsOf(bodies.of(example).parse(example)).type)
  assert.deepEqual([...new Set(kinds)].sort(), Object.keys(CONTENTS).sort())
})

test('the table of channels in docs/message-kinds.md names every kind', async () => {
  const page = await readFile(PAGE, 'utf8')
  const [, table = ''] = /## Channels(.*?)## /s.exec(page) ?? []
  for (const kind of Object.keys(CONTENTS)) assert.match(table, new RegExp(`\\b${kind}\\b`))
})

test('what a kind says is apart from what every message may say', () => {
  const body = {
    instance: 'sales',
    to: '5511999991000',
    type: 'location',
    latitude: 1,
    longitude: 2,
    reference: 'r',
    ttlSeconds: 5,
    validateOnly: true,
  }
  const { content, reference, ttlSeconds, type } = partsOf(bodies.of(body).parse(body))
  assert.deepEqual(
    { content, reference, ttlSeconds, type },
    {
      content: { latitude: 1, longitude: 2 },
      reference: 'r',
      ttlSeconds: 5,
      type: 'location',
    },
  )
})

test('a body that is none is told what it lacks', () => {
  for (const body of [undefined, null, 5, [], {}]) {
    const read = bodies.of(body).safeParse(body ?? {})
    assert.ok(!read.success && !(z.prettifyError(read.error) === ''))
  }
})
