import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type System, startSystem } from '../support/system.ts'
import { openTopic } from '../support/topic.ts'

const JWT_SECRET = randomBytes(32).toString('hex')
const INSTANCE = 'store'

let system: System
before(async () => {
  system = await startSystem({
    consumers: 0,
    env: { ACCEPT_LEGACY_TOKENS: 'true', JWT_SECRET, AUTHENTICATION_API_KEY: 'the-key-of-evolution' },
  })
})
after(async () => {
  await system?.stop()
})

test('an account, a token, a phone, a client and a record of the older system move over', async () => {
  await leaveByTheOlderSystem()
  const { admin, anonymous, gateway } = system

  const pending = await admin.call<{ data: { id: string; email: string }[] }>('GET', '/v1/users?status=pending')
  const waiting = pending.body.data.find(({ email }) => email === 'waits@example.com')
  assert.equal((await admin.call('PATCH', `/v1/users/${waiting?.id}`, { status: 'approved' })).status, 200)
  await anonymous.login('waits@example.com', 'toomanysecrets')
  const withOldToken = await admin.call('GET', '/v1/instances', undefined, {
    authorization: `Bearer ${olderToken('waits@example.com')}`,
  })
  assert.equal(withOldToken.status, 200)

  const adopted = await admin.call<{ state: string }>('POST', '/v1/instances', {
    ...{ name: INSTANCE, adopt: true, replaceWebhook: true },
  })
  assert.equal(adopted.status, 201)
  assert.equal(adopted.body.state, 'open', 'the phone stayed connected')
  await system.startConsumer({ ACCEPT_LEGACY_RECORDS: 'true' })

  const taken = await admin.call<{ messageId: string }>('POST', '/whatsappsender/message', {
    ...{ sender_instance: INSTANCE, receiver_number: '11999991000', message: 'from an old client' },
  })
  assert.equal(taken.status, 202)
  await admin.follow(taken.body.messageId, ['read'])

  const topic = await openTopic(system)
  const record = { instance: INSTANCE, recipient_number: '5511999992000', message: 'from an old record' }
  await topic.publish([{ key: '417', value: JSON.stringify(record) }])
  await topic.close()
  await until('the old record has left', async () => ((await gateway.journal()).length === 2 ? true : undefined))
  assert.deepEqual(
    (await gateway.journal()).map(({ number, content }) => `${number} ${content}`),
    ['5511999991000 from an old client', '5511999992000 from an old record'],
  )
})

async function leaveByTheOlderSystem(): Promise<void> {
  // "toomanysecrets", as passlib wrote it.
  const password = '$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk'
  const account = { fullname: 'Old', email: 'waits@example.com', password, allowed: false }
  await system.store.db.collection('users').insertOne(account)
  const response = await fetch(`${system.gateway.url}/instance/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey: 'the-key-of-evolution' },
    body: JSON.stringify({
      instanceName: INSTANCE,
      integration: 'WHATSAPP-BAILEYS',
      webhook: { enabled: true, url: 'http://127.0.0.1:9/webhook', events: ['MESSAGES_UPDATE'] },
    }),
  })
  assert.equal(response.status, 201, await response.text())
}

/** `user_id` is an e-mail and `expires` float seconds, a day ahead; there is no `exp`. */
function olderToken(email: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = { user_id: email, expires: Date.now() / 1000 + 86_400 }
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${content}.${createHmac('sha256', JWT_SECRET).update(content).digest('base64url')}`
}
