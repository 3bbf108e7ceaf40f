import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Ledger } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { type Claims, createClaims } from './claims.ts'

let claims: Claims
let calls: string[]
let tokens: string[]
let win: Ledger['claim']
let released: string[]
let counted: [number, number][]

beforeEach(() => {
  calls = []
  tokens = []
  counted = []
  released = []
  win = async ({ ids }) => new Set(ids)
  claims = createClaims({
    ledger: {
      claim: async (request) => {
        calls.push(`claim ${request.ids.join()} by ${request.by}`)
        tokens.push(request.token)
        return await win(request)
      },
      release: async (held) => {
        released.push(...held.map(({ claim }) => claim))
        calls.push(`release ${held.map(({ id }) => id).join()}`)
      },
    },
    clock: { monotonic: () => 42, wall: () => 43, storeNow: () => 0, adjust: () => {} },
    by: 'me',
    health: {
      isWritable: () => true,
      failed: () => calls.push('failed'),
      insist: async (write) => await write(),
    },
    onClaimed: (won, lost) => counted.push([won, lost]),
  })
})

test('claims that come together are one write with one fresh token', async () => {
  const [a, b] = await Promise.all([claims.claim(row('a')), claims.claim(row('b'))])
  assert.deepEqual(calls, ['claim a,b by me'])
  assert.deepEqual([a, b], [{ token: tokens[0], at: { monotonic: 42, wall: 43 } }, a])
  await claims.claim(row('c'))
  assert.notEqual(tokens[1], tokens[0])
})

test('who loses gets no claim, and both are counted', async () => {
  win = async () => new Set(['a'])
  const [a, b] = await Promise.all([claims.claim(row('a')), claims.claim(row('b'))])
  assert.deepEqual([a === undefined, b], [false, undefined])
  assert.deepEqual(counted, [[1, 1]])
})

test('when it is not known whose the rows are, none is sent and all go back', async () => {
  win = () => Promise.reject(new Error('connection lost'))
  const [a, b] = await Promise.all([claims.claim(row('a')), claims.claim(row('b'))])
  assert.deepEqual([a, b], [undefined, undefined])
  assert.deepEqual(calls, ['claim a,b by me', 'failed', 'release a,b'])
  assert.deepEqual(released, [tokens[0], tokens[0]], 'under this very claim')
})

test('a release returns when the ledger has it', async () => {
  await Promise.all([claims.release('a', claimed('1')), claims.release('b', claimed('2'))])
  assert.deepEqual([calls, released], [['release a,b'], ['1', '2']])
})

function claimed(token: string) {
  return { token, at: { monotonic: 42, wall: 43 } }
}

function row(id: string) {
  return laneRow({ id })
}
