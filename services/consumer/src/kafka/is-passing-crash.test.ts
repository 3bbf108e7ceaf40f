import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPassingCrash } from './is-passing-crash.ts'

test('a broker in trouble passes, also where kafkajs has wrapped what it said', () => {
  const error = named('KafkaJSGroupCoordinatorNotFound')
  assert.equal(isPassingCrash(error), true)
  assert.equal(isPassingCrash(named('KafkaJSNonRetriableError', error)), true)
})

test('a fault of ours, and what the broker refuses, does not pass', () => {
  assert.equal(isPassingCrash(new TypeError('no such method')), false)
  assert.equal(isPassingCrash(named('KafkaJSNonRetriableError', named('KafkaJSProtocolError'))), false)
  assert.equal(isPassingCrash('no error at all'), false)
})

function named(name: string, cause?: Error): Error {
  return Object.assign(new Error('of kafkajs', { cause }), { name })
}
