import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, PASSWORD, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { ingest } from './ledger-messages.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  assert.equal((await ana.post('/v1/instances', { name: 'sales' })).status, 201)
})
after(() => api.stop())

test('accounts: what older clients send is taken, and every answer has its status and a message for people', async () => {
  const account = { fullname: 'Old Client', email: 'old@example.com', password: PASSWORD }
  assert.equal((await api.anybody.post('/user/signup', account)).status, 201)
  const again = await api.anybody.post('/user/signup', account)
  const waits = await api.anybody.post('/user/login', { email: account.email, password: PASSWORD })
  const wrong = await api.anybody.post('/user/login', { email: account.email, password: 'another one 77' })
  assert.deepEqual([again.status, waits.status, wrong.status], [409, 403, 401])
  for (const { body } of [again, waits, wrong]) assert.equal(typeof body['message'], 'string')
  const { status, body } = await api.anybody.post('/user/login', { email: 'ana@example.com', password: PASSWORD })
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'refresh_token', 'token_type'])
})

test('a message in the words of the older code is accepted with its id; names are kept as labels, the rest is dropped', async () => {
  const answer = await ana.post('/whatsappsender/message', {
    sender_instance: 'sales',
    receiver_number: '11999991000',
    message: 'olá',
    is_message_base64: false,
    sender_number: '5511900000001',
    sender_name: 'Shop',
    receiver_name: 'Bia',
    timestamp: '2024-01-01 10:00:00',
    attachment_path: null,
    sent: false,
  })
  assert.equal(answer.status, 202)
  assert.deepEqual(Object.keys(answer.body).sort(), ['message', 'messageId', 'status'])
  const id = String(answer.body['messageId'])
  const record = (await api.topics.messages()).find((each) => each.id === id) ?? assert.fail('it is in the topic')
  await ingest(api.store, record)
  const { body } = await ana.get(`/v1/messages/${id}`)
  assert.deepEqual(
    [body['to'], body['text'], body['labels']],
    ['+5511999991000', 'olá', { senderName: 'Shop', receiverName: 'Bia' }],
  )
})

test('a file is refused with a sentence that says where files go, and so is an instance of somebody else', async () => {
  const message = { instance: 'sales', recipient_number: '5511999991000', message: 'see the picture' }
  const refused = await ana.post('/whatsappsender/message', { ...message, attachment_path: '/srv/a.png' })
  assert.deepEqual([refused.status, faultyFields(refused)], [400, ['attachment_path']])
  assert.match(String(refused.body['message']), /POST \/v1\/media.*POST \/v1\/messages/)
  const bob = await api.user('bob@example.com')
  assert.equal((await bob.post('/whatsappsender/message', message)).status, 404)
})

test('the route that only promised to log a phone in makes the instance and answers how to connect it', async () => {
  const asked = { phone_number: '+55 11 99999-1000', instance_name: 'shop' }
  const made = await ana.post('/whatsappsender/login', asked)
  assert.deepEqual([made.status, made.body['instance'], typeof made.body['message']], [200, 'shop', 'string'])
  assert.equal((await ana.get('/v1/instances/shop')).body['number'], '+5511999991000')
  assert.equal((await ana.post('/whatsappsender/login', asked)).status, 200, 'the second time it is there')
})

test('without a token, and with one that is none, the answer is 401 and says how to come in', async () => {
  for (const path of ['/whatsappsender/message', '/whatsappsender/login']) {
    for (const headers of [{}, { authorization: 'Bearer x.y.z' }]) {
      const answer = await api.anybody.post(path, {}, headers)
      assert.equal(answer.status, 401)
      assert.match(String(answer.headers.get('www-authenticate')), /^Bearer/)
    }
  }
})

test('the start page answers anybody with name, version and where to go', async () => {
  const { status, body } = await api.anybody.get('/')
  assert.equal(status, 200)
  for (const name of ['name', 'version', 'docs', 'links', 'message']) assert.ok(name in body, name)
})
