import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageEvent } from '@whatsapp-sender/contract'
import type { SequencedEvent } from '@whatsapp-sender/store'
import { createEventHub } from './event-hub.ts'

/** A sequence in memory, and every read of it. */
function sequence() {
  const events: SequencedEvent[] = []
  const reads: (readonly string[] | undefined)[] = []
  const errors: unknown[] = []
  const waiting: (() => void)[] = []
  let isDown = false
  const hub = createEventHub({
    head: async () => events.length,
    readAfter: async (seq, { limit, users }) => {
      reads.push(users)
      for (const tell of waiting.splice(0)) tell()
      if (isDown) throw new Error('down')
      return events.filter((each) => each.seq > seq && users?.includes(each.event.user) !== false).slice(0, limit)
    },
    onError: (err) => errors.push(err),
    pauseMs: 1,
  })
  return {
    hub,
    reads,
    errors,
    append: (user: string) => events.push({ seq: events.length + 1, event: eventOf(user) }),
    down: (is: boolean) => {
      isDown = is
    },
    /** The next read has begun. */
    nextRead: () => new Promise<void>((resolve) => waiting.push(resolve)),
  }
}

function eventOf(user: string): MessageEvent {
  return {
    v: 1,
    id: 'id:1',
    n: 1,
    type: 'message.sent',
    at: '',
    user,
    instance: 'sales',
    instanceId: 'i',
    message: { id: '', to: '', type: 'text' },
  }
}

function followerOf(user: string) {
  const taken: number[] = []
  return { user, taken, take: (events: readonly SequencedEvent[]) => void taken.push(...events.map(({ seq }) => seq)) }
}

async function twice(read: () => Promise<void>): Promise<void> {
  await read()
  await read()
}

test('many are served by one read, which asks for the users who are followed', async () => {
  const { hub, reads, append, nextRead } = sequence()
  const followers = [followerOf('ana'), followerOf('ana'), followerOf('bob')]
  await Promise.all(followers.map((follower) => hub.join(follower)))
  for (const user of ['ana', 'eve', 'bob', 'ana']) append(user)
  await twice(nextRead)
  assert.deepEqual(
    followers.map(({ taken }) => taken),
    [[1, 4], [1, 4], [3]],
  )
  assert.deepEqual(reads.at(-1), ['ana', 'bob'])
  for (const follower of followers) hub.leave(follower)
})

test('nothing is read while nobody follows', async () => {
  const { hub, reads, nextRead } = sequence()
  const follower = followerOf('ana')
  await hub.join(follower)
  await nextRead()
  hub.leave(follower)
  const before = reads.length
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(reads.length, before)
})

test('whoever joins while a read is under way is told by the next one, and misses nothing after', async () => {
  const { hub, append, nextRead } = sequence()
  const [first, second] = [followerOf('ana'), followerOf('bob')]
  await hub.join(first)
  await hub.join(second)
  append('bob')
  append('ana')
  await twice(nextRead)
  assert.deepEqual([first.taken, second.taken], [[2], [1]])
  hub.leave(first)
  append('bob')
  await twice(nextRead)
  assert.deepEqual([first.taken, second.taken], [[2], [1, 3]])
  hub.leave(second)
})

test('a database that is away is told of, and nothing is lost', async () => {
  const { hub, errors, append, down, nextRead } = sequence()
  const follower = followerOf('ana')
  await hub.join(follower)
  down(true)
  append('ana')
  await twice(nextRead)
  assert.ok(errors.length > 0)
  down(false)
  await twice(nextRead)
  assert.deepEqual(follower.taken, [1])
  hub.leave(follower)
})

test('more than a page is read at once, and more users than the database merges are read without naming them', async () => {
  const { hub, reads, append, nextRead } = sequence()
  const followers = Array.from({ length: 101 }, (_, n) => followerOf(`user ${n}`))
  await Promise.all(followers.map((follower) => hub.join(follower)))
  for (let n = 0; n < 1100; n++) append(`user ${n % 200}`)
  await twice(nextRead)
  await twice(nextRead)
  assert.equal(reads.at(-1), undefined)
  assert.deepEqual(followers[0]?.taken, [1, 201, 401, 601, 801, 1001])
  for (const follower of followers) hub.leave(follower)
})
