import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test } from 'node:test'
import { createMediaFetcher } from './fetch-media.ts'

async function withSite(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const site = createServer(listener)
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const address = site.address()
  assert.ok(typeof address === 'object' && address !== null)
  try {
    await use(`http://127.0.0.1:${address.port}/file`)
  } finally {
    site.closeAllConnections()
    site.close()
  }
}

test('a file larger than the bound is given up', async () => {
  const fetchMedia = createMediaFetcher({ bytesMax: 1_000, atOnceMax: 1 })
  await withSite(
    (_req, res) => res.end(Buffer.alloc(1_001)),
    async (url) => {
      assert.deepEqual(await fetchMedia(url), {
        kind: 'failed',
        reason: 'Error: maxContentLength size of 1000 exceeded',
      })
    },
  )
})

test('no more files are fetched at once than allowed, and all are fetched', async () => {
  const fetchMedia = createMediaFetcher({ bytesMax: 1_000, atOnceMax: 2 })
  let open = 0
  let openPeak = 0
  await withSite(
    (_req, res) => {
      open += 1
      openPeak = Math.max(openPeak, open)
      setImmediate(() => {
        open -= 1
        res.end('x')
      })
    },
    async (url) => {
      const fetched = await Promise.all(Array.from({ length: 7 }, () => fetchMedia(url)))
      assert.ok(fetched.every(({ kind }) => kind === 'fetched'))
      assert.ok(openPeak <= 2, String(openPeak))
    },
  )
})

test('a refused connection is told in the words of the HTTP client', async () => {
  const fetchMedia = createMediaFetcher({ bytesMax: 1_000, atOnceMax: 1 })
  let gone = ''
  await withSite(
    (_req, res) => res.end(),
    async (url) => {
      gone = url
    },
  )
  assert.deepEqual(await fetchMedia(gone), {
    kind: 'failed',
    reason: `Error: connect ECONNREFUSED ${new URL(gone).host}`,
  })
})
