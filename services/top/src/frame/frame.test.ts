import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import pc from 'picocolors'
import type { Overview } from '../look.ts'
import { frameOf, type Size } from './frame.ts'

const URL = 'http://127.0.0.1:8000'
const AT = '2027-01-31T18:00:00.000Z'
const ID = '0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11'

const overview: Overview = {
  at: AT,
  instances: { open: 12, connecting: 1, close: 2, paused: 1 },
  messages: {
    waitingFor: { schedule: 40, retry: 3, paused: 10, instance: 25, turn: 310 },
    sending: 4,
    oldestDueAt: '2027-01-31T17:52:10.000Z',
    isWhole: true,
    longestWaiting: Array.from({ length: 5 }, (_, n) => ({
      instance: `sales-${n}`,
      user: '66f0',
      waitingFor: n === 0 ? 'instance' : 'turn',
      waiting: 25,
      oldestDueAt: n === 4 ? null : '2027-01-31T17:52:10.000Z',
    })),
  },
  consumers: {
    living: Array.from({ length: 8 }, (_, n) => ({
      id: `${n}b9e4c7e-3c1d`,
      at: '2027-01-31T17:59:58.000Z',
      due: n,
      evolutionDown: [],
      partitions: [0, 1, 2, 7],
    })),
    due: 28,
    recent: { minutes: 5, accepted: 320, sent: 300, failed: 2 },
    evolution: [
      { server: 'default', heldBy: 0 },
      { server: 'other', heldBy: 2 },
    ],
  },
  kafka: [{ group: 'messages-group1', topic: 'messages', members: 0, partitions: 24, lag: 7, behind: [] }],
  deadLetters: Array.from({ length: 5 }, () => ({
    id: ID,
    user: '66f0',
    instance: 'sales',
    status: 'failed',
    reason: 'not-on-whatsapp',
    failedAt: '2027-01-31T17:40:00.000Z',
  })),
  missing: [],
}

test('a frame fits into its terminal, however small, and every table of it is to be seen in 80 by 24', () => {
  for (const size of [
    { columns: 79, rows: 24 },
    { columns: 30, rows: 10 },
    { columns: 1, rows: 1 },
  ]) {
    const lines = plainFrame(size)
    assert.ok(lines.length <= size.rows, `${lines.length} lines in ${size.rows}`)
    for (const line of lines) assert.ok(line.length <= size.columns, line)
  }
  const text = plainFrame({ columns: 79, rows: 24 }).join('\n')
  for (const heading of ['Longest waiting', 'Consumers', 'Topics', 'Dead letters']) assert.ok(text.includes(heading))
  assert.ok(text.includes(ID), 'the id of a dead letter is cut')
})

test('a table that is cut says how much of it is shown, and with room all of it is', () => {
  const cut = plainFrame({ columns: 79, rows: 24 }).join('\n')
  assert.match(cut, /partitions \(\d of 8\)/)
  const [, letters] = /message \((\d) of 5\)/.exec(cut) ?? assert.fail('nothing is said of the dead letters')
  assert.equal(cut.split(ID).length - 1, Number(letters))
  const whole = plainFrame({ columns: 79, rows: 60 }).join('\n')
  assert.doesNotMatch(whole, /\d of \d/)
  assert.equal(whole.match(/b9e4c7e/g)?.length, 8)
})

test('a wider terminal shows longer names whole, a higher one sets tables apart, and what is cut shows that it is', () => {
  const instance = 'a-name-that-has-much-more-than-twenty-four-letters'
  const [first] = overview.messages?.longestWaiting ?? []
  assert.ok(first && overview.messages)
  const long = { ...overview, messages: { ...overview.messages, longestWaiting: [{ ...first, instance }] } }
  const shownIn = (size: Size) => frameOf(URL, { overview: long }, size, pc.createColors(false))
  assert.ok(!shownIn({ columns: 80, rows: 60 }).join('\n').includes(instance))
  const wide = shownIn({ columns: 160, rows: 60 })
  assert.match(wide.join('\n'), new RegExp(`^${instance}  instance +25`, 'm'))
  assert.equal(wide[wide.findIndex((line) => line.startsWith('Topics')) - 1], '')
  // Cut where one part of the line ends and another begins.
  const columns = 'Throughput  5 min: accepted 320 (1.1/s)  sent 300 (1.0/s)  '.length
  const [, , throughput] = shownIn({ columns, rows: 24 })
  assert.match(String(throughput), /sent 300 \(1\.0\/s\) …$/)
})

test('what is known is told in words: rates, reasons, ages and ranges', () => {
  const text = plainFrame({ columns: 100, rows: 60 }).join('\n')
  assert.match(text, /accepted 320 \(1\.1\/s\) {2}sent 300 \(1\.0\/s\) {2}failed 2/)
  assert.match(text, /schedule 40 {2}retry 3 {2}paused 10 {2}instance 25 {2}turn 310 {2}sending 4/)
  assert.match(text, /Oldest due +for 7 min 50 s/)
  assert.match(text, /default ok {2}other held by 2/)
  assert.match(text, /^sales-4 +turn +25 +–$/m)
  assert.match(text, /^0b9e4c7e +2 s ago +0 +0-2,7$/m)
})

test('a part that did not answer says so, and the rest is there', () => {
  const text = frame({ overview: { ...overview, kafka: null, consumers: null, missing: ['consumers', 'kafka'] } })
  assert.equal(text.match(/did not answer in time/g)?.length, 4)
  assert.match(text, /open 12/)
})

test('while the API is away its last overview stays, under what is wrong', () => {
  const trouble = 'the API does not answer: connect ECONNREFUSED'
  assert.match(frame({ overview, trouble }), /ECONNREFUSED; it is asked again, what follows is older\n/)
  assert.match(frame({ trouble }), /ECONNREFUSED; it is asked again$/m)
})

test('nothing that others wrote steers the terminal, and there are no colours unless wanted', () => {
  const trouble = 'a proxy says \u001b[2J\u0007 no'
  const coloured = frameOf(URL, { overview, trouble }, { columns: 79, rows: 24 }, pc.createColors(true)).join('\n')
  assert.ok(!coloured.includes('\u001b[2J') && !coloured.includes('\u0007'))
  assert.notEqual(coloured, stripVTControlCharacters(coloured))
  const plain = frame({ overview, trouble })
  assert.equal(plain, stripVTControlCharacters(plain))
})

function frame(look: Parameters<typeof frameOf>[1]): string {
  return frameOf(URL, look, { columns: 100, rows: 60 }, pc.createColors(false)).join('\n')
}

function plainFrame(size: Size): readonly string[] {
  return frameOf(URL, { overview }, size, pc.createColors(false))
}
