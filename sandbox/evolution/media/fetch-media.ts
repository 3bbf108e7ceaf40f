import { isJsonObject, stringOf } from '../json.ts'

export type FetchedMedia = Readonly<{ kind: 'fetched'; bytes: Buffer; mimetype: string | undefined }>
/** `reason` in the words of the real server's HTTP client. */
export type UnfetchedMedia = Readonly<{ kind: 'failed'; reason: string }>

const TIMEOUT_MS = 15_000

/** Fetches what a caller named by URL, for as long as and as much as a sandbox may. */
export async function fetchMedia(url: string, bytesMax: number): Promise<FetchedMedia | UnfetchedMedia> {
  if (!/^https?:\/\//i.test(url)) return failed(`ENOENT: no such file or directory, open '${url}'`)
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: '*/*' } })
    if (!response.ok) {
      await response.body?.cancel()
      return failed(`Request failed with status code ${response.status}`)
    }
    const bytes = await readUpTo(response, bytesMax)
    if (bytes === undefined) return failed(`maxContentLength size of ${bytesMax} exceeded`)
    return { kind: 'fetched', bytes, mimetype: response.headers.get('content-type')?.split(';')[0] }
  } catch (error) {
    return failed(reasonOf(error))
  }
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
