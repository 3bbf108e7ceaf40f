import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { User } from '@whatsapp-sender/store'
import { createKnownUsers } from './known-users.ts'

describe('known users', () => {
  test('asks the database once per half minute, however many ask at once', async () => {
    const { users, db, tick } = setUp()
    await Promise.all([users.byId('u'), users.byId('u'), users.byId('u')])
    await users.byId('u')
    assert.equal(db.asked, 1)
    tick(30_000)
    await users.byId('u')
    assert.equal(db.asked, 2)
  })

  test('while the database is down the last that was known holds, and a stranger is not let in', async () => {
    const { users, db, tick } = setUp()
    assert.equal(await users.byId('u'), USER)
    db.isDown = true
    tick(60_000)
    assert.equal(await users.byId('u'), USER)
    assert.equal(await users.byId('v'), 'unavailable')
  })

  test('forgets a user whose account was changed here', async () => {
    const { users, db } = setUp()
    await users.byId('u')
    users.forget(USER)
    await users.byId('u')
    assert.equal(db.asked, 2)
  })
})

const USER: User = {
  id: 'u',
  email: 'u@example.com',
  fullname: 'U',
  status: 'approved',
  role: 'sender',
  passwordHash: '',
  tokenVersion: 0,
  onAmbiguous: 'resend',
  createdAt: new Date(0),
}

function setUp() {
  let now = 0
  const db = { asked: 0, isDown: false }
  const find = async (): Promise<User> => {
    db.asked++
    if (db.isDown) throw new Error('down')
    return USER
  }
  const users = createKnownUsers({ findById: find, findByEmail: find, now: () => now })
  const tick = (ms: number) => {
    now += ms
  }
  return { users, db, tick }
}
