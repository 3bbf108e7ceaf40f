import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryErrorKind } from '@whatsapp-sender/contract'
import { definitionOf, FAILURES, type FailureCode } from './failure-codes.ts'

test('a failure that uses up an attempt tells of the message itself, and these are all of them', () => {
  const mayWorkLater = [
    'file-unreadable',
    'keys-unanswered',
    'lookup-unanswered',
    'media-failed',
    'meta-error',
    'server-error',
  ]
  assert.deepEqual(codesOf('transient'), mayWorkLater)
  for (const code of codesOf('permanent')) assert.equal(definitionOf(code).ofServer, undefined, code)
})

test('the breaker counts what any send might have met, and nothing of a message, an instance or an account', () => {
  const counted = codes().filter((code) => definitionOf(code).ofServer)
  assert.deepEqual(counted, [
    'answer-broken',
    'answer-too-long',
    'connect-failed',
    'connect-timeout',
    'connection-lost',
    'connection-refused',
    'database-down',
    'database-failed-after-send',
    'evolution-server-missing',
    'gateway-lost-answer',
    'gateway-without-server',
    'never-started',
    'server-error',
    'server-not-found',
    'timeout',
    'unreadable-success',
  ])
})

function codesOf(kind: DeliveryErrorKind): FailureCode[] {
  return codes().filter((code) => definitionOf(code).kind === kind)
}

function codes(): FailureCode[] {
  return Object.keys(FAILURES)
    .filter((code): code is FailureCode => code in FAILURES)
    .sort()
}
