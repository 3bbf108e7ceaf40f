import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instancePath } from './instance-path.ts'

test('a name becomes exactly one segment', () => {
  assert.equal(instancePath('/x', 'a1'), '/x/a1')
  assert.equal(instancePath('/x', 'a b?c#d&e%2e'), '/x/a%20b%3Fc%23d%26e%252e')
})

test('a name that could be read as another path is refused', () => {
  for (const name of ['', '.', '..', '../instance/delete/x', 'a/b', 'a\\b', 'a\r\nHost: x', 'a\u0000', '\ud800']) {
    assert.equal(instancePath('/x', name), undefined, JSON.stringify(name))
  }
})
