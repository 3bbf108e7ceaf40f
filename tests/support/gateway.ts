/** One message that left the sandbox for WhatsApp. */
export type Sent = Readonly<{
  sequence: number
  at: string
  instance: string
  number: string
  kind: string
  content: string
  keyId: string
}>

/** A request to send, as it ended; status 0 is a connection that was reset. */
export type Asked = Readonly<{
  sequence: number
  at: string
  answeredAt: string
  instance: string
  number?: string
  textHash?: string
  status: number
}>

/** The sandbox's own routes: its journals, and the troubles a test orders. */
export type Gateway = ReturnType<typeof gatewayAt>

export function gatewayAt(url: string) {
  const post = async (path: string, body: unknown): Promise<void> => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }
  const everything = async <Entry>(path: string, from: number): Promise<Entry[]> => {
    const all: Entry[] = []
    for (let since = from; ; ) {
      const page = await getJson<{ data: Entry[]; next: number }>(`${url}${path}?since=${since}&limit=10000`)
      all.push(...page.data)
      if (page.data.length === 0) return all
      since = page.next
    }
  }
  const journal = (since = 0) => everything<Sent>('/sandbox/messages', since)
  const stats = () => getJson<{ sent: number; inFlight: number }>(`${url}/sandbox/stats`)
  return {
    url,
    /** Everything that has left so far, in order. */
    journal,
    /** What has left through one instance. */
    journalOf: async (name: string) => (await journal()).filter(({ instance }) => instance === name),
    /** Every request to send that has ended so far. */
    requests: (since = 0) => everything<Asked>('/sandbox/requests', since),
    sent: async () => (await stats()).sent,
    inFlight: async () => (await stats()).inFlight,
    program: (instance: string, program: unknown) => post(`/sandbox/instances/${instance}/program`, program),
    events: (instance: string, order: unknown) => post(`/sandbox/instances/${instance}/events`, order),
    setState: (instance: string, state: 'open' | 'connecting' | 'close') =>
      post(`/sandbox/instances/${instance}/state`, { state }),
  }
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  const body: T = JSON.parse(await response.text())
  return body
}
