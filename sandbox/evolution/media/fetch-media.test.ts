import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
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

test('a user and password in the URL are shown to the site', async () => {
  const fetchMedia = createMediaFetcher({ bytesMax: 1_000, atOnceMax: 1 })
  await withSite(
    (req, res) => res.end(req.headers.authorization),
    async (url) => {
      const fetched = await fetchMedia(url.replace('://', '://us%40er:pass@'))
      assert.equal(fetched.kind === 'fetched' && fetched.bytes.toString(), `Basic ${btoa('us@er:pass')}`)
    },
  )
})

test('a redirect without end, a packed file that swells and a body that never ends are given up', async () => {
  const fetchMedia = createMediaFetcher({ bytesMax: 100_000, atOnceMax: 1 })
  const swelling = gzipSync(Buffer.alloc(10_000_000))
  await withSite(
    (req, res) => {
      if (req.url === '/file/loop') return res.writeHead(302, { location: req.url }).end()
      if (req.url === '/file/packed') return res.writeHead(200, { 'content-encoding': 'gzip' }).end(swelling)
      const timer = setInterval(() => res.write(Buffer.alloc(10_000)), 1)
      return res.on('close', () => clearInterval(timer))
    },
    async (url) => {
      const tooLong = 'Error: maxContentLength size of 100000 exceeded'
      assert.deepEqual(await fetchMedia(`${url}/loop`), { kind: 'failed', reason: 'Error: redirect count exceeded' })
      assert.deepEqual(await fetchMedia(`${url}/packed`), { kind: 'failed', reason: tooLong })
      assert.deepEqual(await fetchMedia(`${url}/endless`), { kind: 'failed', reason: tooLong })
    },
  )
})
