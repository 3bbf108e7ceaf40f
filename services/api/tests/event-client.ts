import assert from 'node:assert/strict'
import { until } from './until.ts'

export type ToldEvent = Readonly<{ id: string; type: string; data: Record<string, unknown> }>

export type EventClient = Awaited<ReturnType<typeof openEvents>>

/** Reads server-sent events as the specification says. `isIdle`: takes nothing until `read` is called. */
export async function openEvents(
  url: string,
  token: string | undefined,
  o: Readonly<{ lastEventId?: string | undefined; isIdle?: boolean }> = {},
) {
  const aborted = new AbortController()
  const response = await fetch(url, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(o.lastEventId !== undefined && { 'last-event-id': o.lastEventId }),
    },
    signal: aborted.signal,
  })
  assert.equal(response.status, 200, response.status === 200 ? '' : await response.clone().text())
  const told: ToldEvent[] = []
  const blocks: string[] = []
  let lastId = ''
  let hasEnded = false

  function take(block: string): void {
    blocks.push(block)
    const fields = new Map(
      block.split('\n').map((line): [string, string] => {
        const at = line.indexOf(':')
        return [line.slice(0, at), line.slice(at + 1).trimStart()]
      }),
    )
    lastId = fields.get('id') ?? lastId
    const data = fields.get('data')
    if (data !== undefined) told.push({ id: lastId, type: fields.get('event') ?? 'message', data: JSON.parse(data) })
  }

  async function readAll(): Promise<void> {
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        const parts = text.split('\n\n')
        text = parts.pop() ?? ''
        parts.forEach(take)
      }
    } catch {
      // It was cut, by us or by the server.
    }
    hasEnded = true
  }

  let reading = o.isIdle === true ? undefined : readAll()
  return {
    headers: response.headers,
    told,
    /** All that came between two blank lines, in order. */
    blocks,
    lastId: () => lastId,
    /** The ids of the events themselves. */
    ids: () => told.filter(({ type }) => type !== 'end').map(({ data }) => String(data['id'])),
    has: (count: number) => until(`${count} events`, () => told.length >= count),
    begun: () => until('the stream has begun', () => lastId !== ''),
    ended: () => until('the end of the stream', () => hasEnded),
    read: async () => {
      reading ??= readAll()
      await reading
    },
    close: async () => {
      aborted.abort()
      await reading
    },
  }
}
