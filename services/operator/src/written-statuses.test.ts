import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWrittenStatuses } from './written-statuses.ts'

test('what was written last counts until the resource is gone, and never for another of its name', () => {
  const written = createWrittenStatuses<string>()
  const [first, second] = [resource('one', 'old'), resource('two', 'none')]
  assert.equal(written.of('ns/a', first), 'old')
  written.note('ns/a', first, 'new')
  assert.equal(written.of('ns/a', first), 'new')
  assert.equal(written.of('ns/a', second), 'none')
  written.forget('ns/a')
  assert.equal(written.of('ns/a', first), 'old')
})

function resource(uid: string, status: string) {
  return { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppSender', metadata: { name: 'a', uid }, status }
}
