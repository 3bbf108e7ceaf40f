import { isJsonObject, stringOf } from '../json.ts'

export type FetchedMedia = Readonly<{ kind: 'fetched'; bytes: Buffer; mimetype: string | undefined }>
/** `reason` in the words of the real server's HTTP client. */
export type UnfetchedMedia = Readonly<{ kind: 'failed'; reason: string }>

const TIMEOUT_MS = 15_000

/** Fetches what callers name by URL: so much, so many at once, and for so long as a sandbox may. */
export function createMediaFetcher(o: { bytesMax: number; atOnceMax: number }) {
  let active = 0
  const waiting: (() => void)[] = []

  return async (url: string): Promise<FetchedMedia | UnfetchedMedia> => {
    if (!/^https?:\/\//i.test(url)) return failed(`ENOENT: no such file or directory, open '${url}'`)
    // Whoever waited takes over the place of the one that ended.
    if (active >= o.atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else active += 1
    try {
      return await fetchOne(url, o.bytesMax)
    } catch (error) {
      return failed(reasonOf(error))
    } finally {
      const next = waiting.shift()
      if (next === undefined) active -= 1
      else next()
    }
  }
}

async function fetchOne(given: string, bytesMax: number): Promise<FetchedMedia | UnfetchedMedia> {
  const { url, headers } = requestOf(given)
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), headers })
  if (!response.ok) {
    await response.body?.cancel()
    return failed(`Request failed with status code ${response.status}`)
  }
  const bytes = await readUpTo(response, bytesMax)
  if (bytes === undefined) return failed(`maxContentLength size of ${bytesMax} exceeded`)
  return { kind: 'fetched', bytes, mimetype: response.headers.get('content-type')?.split(';')[0] }
}

/** A user and password in the URL go into a header, as with the real server's HTTP client; `fetch` refuses them. */
function requestOf(given: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(given)
  const headers = { accept: '*/*' }
  if (url.username === '' && url.password === '') return { url, headers }
  const credentials = decodeURIComponent(`${url.username}:${url.password}`)
  url.username = ''
  url.password = ''
  return { url, headers: { ...headers, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }
}

function failed(reason: string): UnfetchedMedia {
  return { kind: 'failed', reason: `Error: ${reason}` }
}

async function readUpTo(response: Response, bytesMax: number): Promise<Buffer | undefined> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const read = await reader?.read()
    const chunk: unknown = read?.value
    if (!(chunk instanceof Uint8Array)) return Buffer.concat(chunks)
    length += chunk.length
    if (length > bytesMax) {
      await reader?.cancel()
      return undefined
    }
    chunks.push(chunk)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `timeout of ${TIMEOUT_MS}ms exceeded`
  const { cause } = error
  const told = cause instanceof Error ? cause.message : isJsonObject(cause) ? stringOf(cause['message']) : undefined
  return told ?? error.message
}
