import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOfAnswer, errorOfNoAnswer, errorOfWatch, isConflict, isExpired, isNotFound } from './kubernetes-error.ts'

const CONFLICT = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message: 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas',
  reason: 'Conflict',
  details: {
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' }],
  },
  code: 409,
})

test('a conflict names who owns which field', () => {
  const error = errorOfAnswer(409, CONFLICT, 'PATCH deployments/wa-api')
  assert.ok(isConflict(error))
  assert.equal(error.reason, 'Conflict')
  assert.match(error.message, /^PATCH deployments\/wa-api: Apply failed with 1 conflict/)
  assert.deepEqual(
    error.details.causes?.map(({ field }) => field),
    ['.spec.replicas'],
  )
})

test('an answer that is no Status keeps its HTTP status and is not repeated in the message', () => {
  for (const body of ['<html>secret</html>', '', 'null', '{"kind":"Pod"}']) {
    const error = errorOfAnswer(502, body, 'GET pods')
    assert.equal(error.status, 502)
    assert.equal(error.message, 'GET pods: HTTP 502')
  }
})

test('a version that is too old is told the same by an answer and by a watch', () => {
  const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }
  assert.ok(isExpired(errorOfWatch(status, 'watch pods')))
  assert.ok(isExpired(errorOfAnswer(410, JSON.stringify(status), 'GET pods')))
  assert.equal(errorOfWatch({}, 'watch pods').status, 500)
})

test('no answer is told from a late one, and neither is "not found"', () => {
  const late = errorOfNoAnswer(new DOMException('too late', 'TimeoutError'), 'GET pods')
  const refused = errorOfNoAnswer(new Error('connect ECONNREFUSED'), 'GET pods')
  assert.deepEqual([late.status, late.reason], [0, 'Timeout'])
  assert.deepEqual([refused.status, refused.reason], [0, 'Unreachable'])
  assert.match(refused.message, /ECONNREFUSED/)
  assert.equal(isNotFound(late) || isNotFound(refused), false)
})
