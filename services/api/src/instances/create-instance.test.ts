import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SendFailure } from '@whatsapp-sender/contract'
import { createWebhookSecrets } from '../evolution-events/webhook-secret.ts'
import { createCreateInstance, type InstanceWriter } from './create-instance.ts'

describe('creating an instance', () => {
  test('removes it at Evolution again, with its own token, when it cannot be kept', async () => {
    const taken = setUp({ create: async () => 'name-taken' })
    assert.deepEqual(await taken.createInstance(WANTED), { kind: 'name-taken' })
    assert.deepEqual(taken.removed, taken.created)

    const down = setUp({
      create: async () => {
        throw new Error('down')
      },
    })
    await assert.rejects(down.createInstance(WANTED), /down/)
    assert.deepEqual(down.removed, down.created)
  })

  test('removes what may have been made when no answer came, and nothing that is another’s', async () => {
    const lost = setUp({}, { kind: 'ambiguous', code: 'timeout', detail: '' })
    assert.equal((await lost.createInstance(WANTED)).kind, 'evolution-failed')
    assert.deepEqual(lost.removed, lost.created)

    const inUse = setUp({}, { kind: 'configuration', code: 'name-in-use', detail: '' })
    assert.deepEqual(await inUse.createInstance(WANTED), { kind: 'name-taken' })
    assert.deepEqual(inUse.removed, [])
  })
})

const WANTED = {
  owner: { id: 'u', email: 'u@example.com', role: 'user', onAmbiguous: 'resend' },
  name: 'sales',
  number: undefined,
} as const

function setUp(writer: Partial<InstanceWriter>, failure?: SendFailure) {
  const created: string[] = []
  const removed: string[] = []
  const createInstance = createCreateInstance({
    evolution: {
      createInstance: async ({ token }) => {
        created.push(token)
        return failure ? { failure } : { token, evolutionId: undefined, state: 'close' }
      },
      deleteInstance: async ({ apiKey }) => {
        removed.push(apiKey)
        return { done: true }
      },
    },
    instances: {
      findByName: async () => undefined,
      create: async () => 'name-taken',
      markDeleted: async () => {},
      ...writer,
    },
    secrets: createWebhookSecrets('s'.repeat(32)),
    webhookUrl: 'http://127.0.0.1/v1/evolution/events',
    refreshDirectory: async () => {},
    onCreated: () => {},
    onLeftBehind: () => assert.fail('left behind'),
  })
  return { createInstance, created, removed }
}
