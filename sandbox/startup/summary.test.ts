import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstMessageCommand, summaryOf } from './summary.ts'

const system = {
  api: 'http://127.0.0.1:8000',
  apiMetrics: 'http://127.0.0.1:9464',
  consumerMetrics: 'http://127.0.0.1:9465',
  evolution: 'http://127.0.0.1:8080',
  kafka: '127.0.0.1:9092',
  mongo: 'mongodb://user:secret@db.example.com:27017',
  admin: { email: 'admin@example.com', password: "it's" },
}

test('the command is one line that a shell reads as it is meant, whatever is in the password', () => {
  const command = firstMessageCommand(system, 'demo')
  assert.doesNotMatch(command, /\n/)
  assert.ok(command.includes(String.raw`"password":"it'\''s"`))
})

test('the password of a database is not shown', () => {
  const summary = summaryOf(system, { firstMessage: { kind: 'instance', name: 'demo' }, logs: '.sandbox/logs' })
  assert.ok(summary.includes('mongodb://user:***@db.example.com:27017'))
})

test('without an instance the reason stands where the command would', () => {
  const summary = summaryOf(system, {
    firstMessage: { kind: 'no-instance', reason: 'the sign-in was refused' },
    logs: '.sandbox/logs',
  })
  assert.match(summary, /the sign-in was refused/)
  assert.doesNotMatch(summary, /curl/)
})
