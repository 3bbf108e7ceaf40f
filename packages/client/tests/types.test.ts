import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { TYPES_FILE, typesOfDocument } from '../src/generate/types-of.ts'

test('the types of the client are those of the document that the API serves', async () => {
  const kept = await readFile(TYPES_FILE, 'utf8')
  assert.ok(kept === (await typesOfDocument()), 'run `npm run client`')
})
