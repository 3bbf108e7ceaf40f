import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import type { Installation } from './support/installation.ts'
import { askPod } from './support/pods.ts'

const INSTANCE = { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppInstance' }

export function testFirstMessage(installation: () => Installation): void {
  test('a user signs up, is approved, gets an instance by its resource, and sends through the Service a message that is read', async () => {
    const { node, namespace, signIn, anonymous, gateway } = installation()
    const admin = await signIn()
    const person = { fullname: 'Ana Souza', email: 'ana@example.com', password: 'uma frase bem comprida' }
    const { id } = await dataOf(anonymous.api.POST('/user/signup', { body: person }))
    await dataOf(admin.api.PATCH('/v1/users/{id}', { params: { path: { id } }, body: { status: 'approved' } }))
    const ana = await anonymous.login(person.email, person.password)
    const spec = { senderName: 'wa', ownerEmail: person.email, pace: { perMinute: 600, burst: 50 } }
    await node.apply([{ ...INSTANCE, metadata: { name: 'loja', namespace }, spec }])
    const query = ['wait', 'whatsappinstance/loja', '--namespace', namespace, '--timeout=120s']
    await node.kubectl([...query, '--for=jsonpath={.status.phase}=Connected'])
    const accepted = await ana.send('loja', '+5511999991000', 'Seu pedido saiu para entrega.')
    assert.equal(accepted.status, 202)
    const read = await ana.follow(accepted.body.id, ['read'])
    const [left, ...more] = await gateway.journalOf('loja')
    assert.equal(left?.keyId, read.providerMessageId)
    assert.deepEqual(more, [])
  })

  test('every pod is alive and ready, was never restarted, and tells its metrics', async () => {
    const { pods } = installation()
    for (const component of ['api', 'consumer', 'operator'] as const) {
      for (const pod of await pods.list(component)) {
        for (const path of ['/startupz', '/livez', '/readyz']) {
          const { status, text } = await askPod(pod, path)
          assert.equal(status, 200, `${pod.name} ${path}: ${text}`)
        }
        const { text } = await askPod(pod, '/metrics')
        assert.match(text, METRIC_OF[component], pod.name)
        assert.equal(pod.restarts, 0, pod.name)
      }
    }
  })

  test('one of two operators leads', async () => {
    const { pods } = installation()
    const metrics = await Promise.all((await pods.list('operator')).map((pod) => askPod(pod, '/metrics')))
    const leaders = metrics.filter(({ text }) => /^whatsapp_operator_leader(\{[^}]*\})? 1$/m.test(text))
    assert.equal(leaders.length, 1)
  })
}

const METRIC_OF = {
  api: /^whatsapp_/m,
  consumer: /^whatsapp_messages_due(\{[^}]*\})? /m,
  operator: /^whatsapp_operator_applies_total(\{[^}]*\})? /m,
} as const
