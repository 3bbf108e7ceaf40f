export type StreamEvent = Readonly<{ event: string; data: Record<string, unknown>; id?: string }>

/** Opens a stream of server-sent events and reads it one event at a time; comments are passed over. */
export async function readEventStream(url: string, token: string, headers: Readonly<Record<string, string>> = {}) {
  const leaving = new AbortController()
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
    signal: leaving.signal,
  })
  const events = eventsOf(response)
  return {
    response,
    /** Undefined when the stream has ended. */
    next: async (): Promise<StreamEvent | undefined> => {
      const { value, done } = await events.next()
      return done ? undefined : value
    },
    rest: async (): Promise<StreamEvent[]> => {
      const all: StreamEvent[] = []
      for await (const event of events) all.push(event)
      return all
    },
    leave: () => leaving.abort(),
  }
}

async function* eventsOf({ body }: Response): AsyncGenerator<StreamEvent, undefined> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    yield* blocks.flatMap(eventOf)
  }
  return undefined
}

function eventOf(block: string): StreamEvent[] {
  const fields = new Map(block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]))
  const [event, data, id] = [fields.get('event'), fields.get('data'), fields.get('id')]
  if (event === undefined || data === undefined) return []
  return [{ event, data: JSON.parse(data), ...(id !== undefined && { id }) }]
}
