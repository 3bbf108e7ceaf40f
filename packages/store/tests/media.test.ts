import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { mongo } from 'mongoose'
import type { MediaFile } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { media } = store
const HOUR_MS = 3_600_000
const ROOM = { filesMax: 100, bytesMax: 10_000_000 }
const FACTS = { type: 'image/png', sha256: 'a'.repeat(64), fileName: 'cup.png' }

test('bytes come back as they went in, wherever a chunk ends, and the tools of GridFS read them too', async () => {
  const bucket = new mongo.GridFSBucket(store.db, { bucketName: 'media' })
  for (const size of [1, 255 * 1024, 255 * 1024 + 1, 1_000_000]) {
    const bytes = randomBytes(size)
    const file = await kept('ana', bytes, [7, 300_000, size])
    assert.equal(Buffer.compare(await buffer(media.read(file)), bytes), 0, String(size))
    const files = store.db.collection<{ _id: string }>('media.files')
    assert.ok(await files.findOne({ _id: file.id }))
    // @ts-expect-error the driver's types know ids of its own making only
    assert.equal(Buffer.compare(await buffer(bucket.openDownloadStream(file.id)), bytes), 0, String(size))
  }
})

test('a file that is not whole is never read as if it were', async () => {
  const file = await kept('ana', randomBytes(600_000))
  await assert.rejects(buffer(media.read({ ...file, size: file.size + 1 })))
  await store.db.collection<{ files_id: string; n: number }>('media.chunks').deleteOne({ files_id: file.id, n: 1 })
  await assert.rejects(buffer(media.read(file)))
})

test('nobody finds, lists, keeps or removes the file of another, or one that is still being written', async () => {
  const file = await kept('ana', randomBytes(10))
  const writing = randomUUID()
  await media.reserve({ id: writing, user: 'bob', bytesMax: 1 }, ROOM)
  for (const id of [file.id, writing]) {
    assert.equal(await media.find('bob', id), undefined)
    assert.deepEqual(await media.keep('bob', [id], later(HOUR_MS)), [])
    assert.equal(await media.remove('bob', id), false)
  }
  assert.deepEqual((await media.list('bob', { limit: 10 })).data, [])
  assert.deepEqual(await media.find('ana', file.id), file)
})

test('a user takes no more room than there is, also by many at once, and of what was refused nothing counts', async () => {
  const reserve = (bytesMax: number, id = randomUUID()) =>
    media.reserve({ id, user: 'cid', bytesMax }, { filesMax: 3, bytesMax: 100 })
  const results = await Promise.all(Array.from({ length: 8 }, () => reserve(60)))
  assert.ok(results.filter((result) => result === 'reserved').length <= 1)
  await clear('cid')
  assert.equal(await reserve(100), 'reserved')
  assert.equal(await reserve(1), 'full')
  await clear('cid')
  assert.deepEqual(
    [await reserve(1), await reserve(1), await reserve(1), await reserve(1)],
    ['reserved', 'reserved', 'reserved', 'full'],
  )
  const again = randomUUID()
  await clear('cid')
  assert.deepEqual([await reserve(1, again), await reserve(1, again)], ['reserved', 'exists'])
})

test('what is kept lives as long as whoever keeps it longest wants; nothing shortens it', async () => {
  const file = await kept('ana', randomBytes(10))
  const [kept1] = await media.keep('ana', [file.id, randomUUID()], later(50 * HOUR_MS))
  assert.ok(kept1 && kept1.expiresAt.getTime() > Date.now() + 49 * HOUR_MS)
  const [kept2] = await media.keep('ana', [file.id], later(1))
  assert.deepEqual(kept2, kept1)
})

test('what has expired is as good as gone at once, and by the next sweep its bytes are', async () => {
  const file = await kept('dora', randomBytes(300_000), undefined, later(-1))
  const other = await kept('dora', randomBytes(300_000))
  assert.equal(await media.find('dora', file.id), undefined)
  assert.deepEqual(await media.keep('dora', [file.id], later(HOUR_MS)), [])
  while ((await media.sweep(100)) > 0);
  assert.deepEqual(await leftOf(file.id), [])
  assert.deepEqual(await media.find('dora', other.id), other)
  assert.equal((await buffer(media.read(other))).length, 300_000)
})

test('of an upload that was broken off, by its process or by its source, nothing stays', async () => {
  const [id, broken] = [randomUUID(), randomUUID()]
  await media.reserve({ id, user: 'eva', bytesMax: 1000 }, ROOM)
  await assert.rejects(media.write(id, failing()), /cut off/)
  assert.notDeepEqual(await leftOf(id), [])
  await media.discard(id)
  assert.deepEqual(await leftOf(id), [])

  await media.reserve({ id: broken, user: 'eva', bytesMax: 1000 }, ROOM)
  await media.write(broken, source(randomBytes(300_000)))
  await store.db.collection<{ _id: string }>('media').updateOne({ _id: broken }, { $set: { expiresAt: later(-1) } })
  while ((await media.sweep(1)) > 0);
  assert.deepEqual(await leftOf(broken), [])
  assert.equal(await media.complete(broken, { ...FACTS, size: 1, expiresAt: later(HOUR_MS) }), undefined)
})

test('a file that was kept for longer outlives the time it had before', async () => {
  const file = await kept('finn', randomBytes(10), undefined, later(300))
  const [longer] = await media.keep('finn', [file.id], later(HOUR_MS))
  while (Date.now() <= file.expiresAt.getTime()) await media.sweep(100)
  await media.sweep(100)
  assert.deepEqual(await media.find('finn', file.id), longer)
})

test('the list comes in pages, newest first, and each file once', async () => {
  const made: string[] = []
  for (let i = 0; i < 25; i += 1) made.unshift((await kept('gil', randomBytes(1))).id)
  const seen: string[] = []
  let after: Awaited<ReturnType<typeof media.list>>['next']
  do {
    const page = await media.list('gil', { after, limit: 10 })
    seen.push(...page.data.map(({ id }) => id))
    after = page.next
  } while (after !== undefined)
  assert.deepEqual(new Set(seen), new Set(made))
  assert.equal(seen.length, made.length)
})

async function kept(
  user: string,
  bytes: Buffer,
  cuts: readonly number[] = [],
  expiresAt = later(HOUR_MS),
): Promise<MediaFile> {
  const id = randomUUID()
  assert.equal(await media.reserve({ id, user, bytesMax: bytes.length }, ROOM), 'reserved')
  await media.write(id, source(bytes, cuts))
  const file = await media.complete(id, { ...FACTS, size: bytes.length, expiresAt })
  assert.ok(file)
  return file
}

/** In pieces that end at these places. */
async function* source(bytes: Buffer, cuts: readonly number[] = []): AsyncGenerator<Buffer> {
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    yield bytes.subarray(from, to)
    from = to
  }
}

async function* failing(): AsyncGenerator<Buffer> {
  yield randomBytes(600_000)
  throw new Error('cut off')
}

function later(ms: number): Date {
  return new Date(Date.now() + ms)
}

/** Everything in the database that belongs to a file. */
async function leftOf(id: string): Promise<string[]> {
  const { db } = store
  const counts = {
    media: await db.collection<{ _id: string }>('media').countDocuments({ _id: id }),
    files: await db.collection<{ _id: string }>('media.files').countDocuments({ _id: id }),
    chunks: await db.collection('media.chunks').countDocuments({ files_id: id }),
  }
  return Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [name] : []))
}

async function clear(user: string): Promise<void> {
  await store.db.collection('media').deleteMany({ user })
}
