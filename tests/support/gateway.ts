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

/** The sandbox's own routes: its journal, and the troubles a test orders. */
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
  return {
    url,
    /** Everything that has left so far, in order. */
    journal: async (): Promise<Sent[]> => {
      const all: Sent[] = []
      for (let since = 0; ; ) {
        const page = await getJson<{ data: Sent[]; next: number }>(`${url}/sandbox/messages?since=${since}&limit=10000`)
        all.push(...page.data)
        if (page.data.length === 0) return all
        since = page.next
      }
    },
    inFlight: async () => (await getJson<{ inFlight: number }>(`${url}/sandbox/stats`)).inFlight,
    program: (instance: string, program: unknown) => post(`/sandbox/instances/${instance}/program`, program),
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
