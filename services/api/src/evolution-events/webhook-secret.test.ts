import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createWebhookSecrets } from './webhook-secret.ts'

const secrets = createWebhookSecrets({ newest: 's'.repeat(32) })

describe('webhook secrets', () => {
  test('a secret names its instance and matches its own hash only', () => {
    const a = secrets.create('7b9b6a3e-0000-4000-8000-000000000001')
    const b = secrets.create('7b9b6a3e-0000-4000-8000-000000000001')
    assert.equal(secrets.instanceIdOf(a.secret), '7b9b6a3e-0000-4000-8000-000000000001')
    assert.equal(secrets.matches(a.secret, a.hash), true)
    assert.equal(secrets.matches(b.secret, a.hash), false)
    assert.equal(createWebhookSecrets({ newest: 't'.repeat(32) }).matches(a.secret, a.hash), false)
  })

  test('a secret whose hash was made with a key that is let in matches, and its hash is made anew', () => {
    const { secret, hash } = secrets.create('7b9b6a3e-0000-4000-8000-000000000001')
    const both = createWebhookSecrets({ newest: 't'.repeat(32), others: ['s'.repeat(32)] })
    assert.equal(both.matches(secret, hash), true)
    const renewed = both.renewed(secret, hash) ?? ''
    assert.equal(createWebhookSecrets({ newest: 't'.repeat(32) }).matches(secret, renewed), true)
    assert.equal(both.renewed(secret, renewed), undefined)
  })

  test('what has not the form of a secret names nothing', () => {
    for (const secret of ['', 'x', 'a.b', `a.${'x'.repeat(44)}`, `../x.${'x'.repeat(43)}`]) {
      assert.equal(secrets.instanceIdOf(secret), undefined, secret)
    }
    assert.equal(secrets.matches('x', ''), false)
  })
})
