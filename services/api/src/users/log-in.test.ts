import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { User } from '@whatsapp-sender/store'
import { createRequestLimit } from '../http/request-limit.ts'
import { createLogIn } from './log-in.ts'
import { createLoginLimits } from './login-limits.ts'
import type { Verification } from './password-worker.ts'

describe('logging in', () => {
  test('who guesses at an account shuts himself out of it, not its owner at another address', async () => {
    const { logIn } = setUp()
    const kinds = await inTurn(10, () => logIn({ ...GUESS, address: 'mallory' }))
    assert.deepEqual(kinds, [...Array<string>(5).fill('wrong-credentials'), ...Array<string>(5).fill('limited')])
    assert.equal((await logIn({ ...ANA, address: 'mallory' })).kind, 'limited')
    assert.equal((await logIn({ ...ANA, address: 'home' })).kind, 'logged-in')
  })

  test('guesses from many addresses at one account are limited too', async () => {
    const { logIn } = setUp()
    const kinds = await inTurn(60, (i) => logIn({ ...GUESS, address: `a${i}` }))
    assert.equal(kinds.filter((kind) => kind === 'wrong-credentials').length, 50)
    assert.equal((await logIn({ email: 'bob@example.com', password: 'x', address: 'a1' })).kind, 'wrong-credentials')
  })

  test('one address has four logins open at most, so that the others get their turn', async () => {
    const { logIn, held, release } = setUp({ hold: true })
    const flood = Array.from({ length: 20 }, (_, i) => logIn({ ...GUESS, email: `${i}@example.com`, address: 'flood' }))
    const owner = logIn({ ...ANA, address: 'home' })
    const limited = await Promise.all(flood.slice(4))
    assert.ok(limited.every(({ kind }) => kind === 'limited'))
    for (let turn = 0; held() < 5 && turn < 100; turn++) await setImmediate()
    assert.equal(held(), 5)
    release()
    assert.equal((await owner).kind, 'logged-in')
    assert.equal((await logIn({ ...GUESS, email: 'next@example.com', address: 'flood' })).kind, 'wrong-credentials')
  })

  test('a login that found the queue full counts for its address, not against the account', async () => {
    const { logIn } = setUp({ verification: 'busy' })
    const kinds = await inTurn(30, () => logIn({ ...ANA, address: 'flood' }))
    assert.deepEqual(new Set(kinds.slice(0, 20)), new Set(['busy']))
    assert.deepEqual(new Set(kinds.slice(20)), new Set(['limited']))
  })

  test('a database that does not answer is told within the bound, and the login does not hang', async () => {
    const { logIn } = setUp({ silent: true })
    await assert.rejects(logIn({ ...ANA, address: 'home' }), { code: 'unavailable' })
  })

  test('right passwords are never counted', async () => {
    const { logIn } = setUp()
    const kinds = await inTurn(100, () => logIn({ ...ANA, address: 'home' }))
    assert.deepEqual(new Set(kinds), new Set(['logged-in']))
  })
})

const ANA = { email: 'ana@example.com', password: 'right' }
const GUESS = { ...ANA, password: 'wrong' }

const USER: User = {
  id: 'u',
  email: ANA.email,
  fullname: 'Ana',
  status: 'approved',
  role: 'sender',
  passwordHash: 'right',
  tokenVersion: 0,
  onAmbiguous: 'resend',
  createdAt: new Date(0),
}

function setUp(o: { hold?: boolean; verification?: 'busy'; silent?: boolean } = {}) {
  const gate = Promise.withResolvers<void>()
  if (!o.hold) gate.resolve()
  let held = 0
  const limit = (points: number) => createRequestLimit({ points, perSeconds: 600 })
  const verify = async (password: string, hash: string | undefined): Promise<Verification | 'busy'> => {
    held++
    await gate.promise
    return o.verification ?? { matches: password === hash, isOutdated: false }
  }
  const logIn = createLogIn({
    limits: createLoginLimits({ perAddress: limit(20), perAccountAndAddress: limit(5), perAccount: limit(50) }),
    passwords: { verify, hash: async () => 'busy' },
    users: {
      findByEmail: (email) =>
        o.silent ? new Promise(() => {}) : Promise.resolve(email === USER.email ? USER : undefined),
      replacePasswordHash: async () => assert.fail('replaced'),
    },
    startSession: async () => ({ access_token: 'a', token_type: 'Bearer', expires_in: 1, refresh_token: 'r' }),
    onRehashFailed: () => {},
    databaseMs: 20,
  })
  return { logIn, held: () => held, release: gate.resolve }
}

async function inTurn(times: number, logIn: (i: number) => Promise<{ kind: string }>): Promise<string[]> {
  const kinds: string[] = []
  for (let i = 0; i < times; i++) kinds.push((await logIn(i)).kind)
  return kinds
}
