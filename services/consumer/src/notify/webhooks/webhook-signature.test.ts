import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { signedHeaders } from './webhook-signature.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

test('signs the vector of the specification', () => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' }
  assert.deepEqual(signedHeaders(message, [SECRET], new Date(1_614_265_330_999)), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('the reference library takes it, and refuses another byte, id, time or secret', () => {
  const body = '{"text":"é"}'
  const headers = signedHeaders({ id: 'a:1', body }, [SECRET], new Date())
  const webhook = new Webhook(SECRET)
  webhook.verify(body, headers)
  const wrong: [string, Record<string, string>][] = [
    [`${body} `, headers],
    [body, { ...headers, 'webhook-id': 'a:2' }],
    [body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) }],
  ]
  for (const [text, given] of wrong) assert.throws(() => webhook.verify(text, given), /signature/i)
  assert.throws(() => new Webhook(OTHER).verify(body, headers), /signature/i)
})

test('while a secret is replaced, receivers with either one take it', () => {
  const headers = signedHeaders({ id: 'a:1', body: '{}' }, [OTHER, SECRET], new Date())
  for (const secret of [SECRET, OTHER]) new Webhook(secret).verify('{}', headers)
})
