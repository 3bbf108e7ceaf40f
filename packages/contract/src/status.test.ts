import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ARROWS, MESSAGE_STATUSES, type MessageStatus, type Mover, OPEN_STATUSES, sourcesOf } from './status.ts'

test('every status but the first can be reached, and nothing leads back to the first', () => {
  const reached = new Set<MessageStatus>(['accepted'])
  for (let before = 0; before < reached.size; ) {
    before = reached.size
    for (const { from, to } of ARROWS) if (reached.has(from)) reached.add(to)
  }
  assert.deepEqual([...reached].sort(), [...MESSAGE_STATUSES].sort())
  assert.ok(ARROWS.every(({ to }) => to !== 'accepted'))
})

test('what was cancelled or read stays so', () => {
  assert.deepEqual(
    ARROWS.filter(({ from }) => from === 'cancelled' || from === 'read'),
    [],
  )
})

test('from sent on a message only goes forward: no arrow leads from there to where it could be sent again', () => {
  const after: Partial<Record<MessageStatus, readonly MessageStatus[]>> = {
    sent: ['delivered', 'read', 'failed'],
    delivered: ['read'],
    read: [],
  }
  for (const [from, expected] of Object.entries(after)) assert.deepEqual(targetsFrom(from), [...expected].sort(), from)
})

test('only a claim makes a message go out, and only from queued', () => {
  assert.deepEqual(
    ARROWS.filter(({ to }) => to === 'sending'),
    [{ from: 'queued', to: 'sending', by: 'claim' }],
  )
})

test('while a message is being sent nobody but its claim, or evidence of it, moves it', () => {
  const movers = new Set(ARROWS.filter(({ from }) => from === 'sending').map(({ by }) => by))
  assert.deepEqual([...movers].sort(), ['evidence', 'outcome', 'release'])
})

test('no arrow is there twice, and none leads to where it began', () => {
  const names = ARROWS.map(({ from, to, by }) => `${from} ${to} ${by}`)
  assert.equal(new Set(names).size, names.length)
  assert.ok(ARROWS.every(({ from, to }) => from !== to))
})

test('the sources of a move are those of its mover alone', () => {
  const cases: readonly (readonly [MessageStatus, Mover, readonly MessageStatus[]])[] = [
    ['sent', 'outcome', ['queued', 'sending', 'unknown']],
    ['sent', 'evidence', ['sending', 'unknown']],
    ['failed', 'receipt', ['sent']],
    ['failed', 'owner', ['queued', 'scheduled']],
    ['failed', 'outcome', ['sending']],
    ['read', 'receipt', ['delivered', 'sent']],
    ['cancelled', 'user', ['queued', 'scheduled']],
    ['queued', 'replay', ['dead-lettered', 'expired', 'failed', 'unknown']],
    ['unknown', 'user', ['queued', 'scheduled']],
    ['unknown', 'owner', ['queued', 'scheduled']],
    ['scheduled', 'user', ['queued']],
    ['cancelled', 'owner', []],
  ]
  for (const [to, by, from] of cases) assert.deepEqual(sourcesOf(to, by).sort(), from, `${to} by ${by}`)
})

test('what is open is exactly what the owner, a claim or an outcome can still move', () => {
  const worked = MESSAGE_STATUSES.filter((status) =>
    ARROWS.some(({ from, by }) => from === status && (by === 'owner' || by === 'claim' || by === 'release')),
  )
  assert.deepEqual(worked, [...OPEN_STATUSES])
})

function targetsFrom(status: string): MessageStatus[] {
  return ARROWS.filter(({ from }) => from === status)
    .map(({ to }) => to)
    .sort()
}
