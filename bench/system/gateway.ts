/** One message that left the gateway for WhatsApp. */
export type Sent = Readonly<{ sequence: number; instance: string; number: string; content: string }>

/** One request to the gateway. */
export type GatewayRequest = Readonly<{ sequence: number; at: string; answeredAt: string; status: number }>

export type GatewayStats = Readonly<{ sent: number; requests: number; inFlightPeak: number }>

/** The gateway's own account of what reached it. */
export type Gateway = Readonly<{
  stats(): Promise<GatewayStats>
  resetPeak(): Promise<void>
  /** Everything after `since`, in order. */
  sentSince(since: number): Promise<readonly Sent[]>
  requestsSince(since: number): Promise<readonly GatewayRequest[]>
}>

const PAGE = 10_000

export function gatewayAt(url: string): Gateway {
  const all = async <T>(journal: string, since: number): Promise<T[]> => {
    const entries: T[] = []
    for (let next = since; ; ) {
      const page = await getJson<{ data: T[]; next: number; dropped: number }>(
        `${url}/sandbox/${journal}?since=${next}&limit=${PAGE}`,
      )
      if (page.dropped > since) throw new Error(`the gateway has forgotten ${page.dropped - since} ${journal}`)
      entries.push(...page.data)
      if (page.data.length === 0) return entries
      next = page.next
    }
  }
  return {
    stats: () => getJson(`${url}/sandbox/stats`),
    resetPeak: async () => void (await getJson(`${url}/sandbox/stats`, 'DELETE')),
    sentSince: (since) => all('messages', since),
    requestsSince: (since) => all('requests', since),
  }
}

async function getJson<T>(url: string, method = 'GET'): Promise<T> {
  const response = await fetch(url, { method })
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  const body: T = JSON.parse(await response.text())
  return body
}
