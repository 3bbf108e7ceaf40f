import { z } from 'zod'

/** One message that left the gateway for WhatsApp. */
export type Sent = Readonly<z.infer<typeof Sent>>
const Sent = z.object({
  sequence: z.int(),
  at: z.string(),
  instance: z.string(),
  number: z.string(),
  content: z.string(),
})

/** One request to the gateway. */
export type GatewayRequest = Readonly<z.infer<typeof GatewayRequest>>
const GatewayRequest = z.object({ at: z.string(), answeredAt: z.string(), status: z.int() })

const GatewayStats = z.object({ sent: z.int(), requests: z.int(), inFlightPeak: z.int() })

/** The gateway's own account of what reached it. */
export type Gateway = Readonly<{
  stats(): Promise<z.infer<typeof GatewayStats>>
  resetPeak(): Promise<void>
  /** Everything after `since`, in order. */
  sentSince(since: number): Promise<readonly Sent[]>
  requestsSince(since: number): Promise<readonly GatewayRequest[]>
}>

const PAGE = 10_000

export function gatewayAt(url: string): Gateway {
  const all = async <T>(entry: z.ZodType<T>, journal: string, since: number): Promise<T[]> => {
    const Page = z.object({ data: z.array(entry), next: z.int(), dropped: z.int() })
    const entries: T[] = []
    for (let next = since; ; ) {
      const page = Page.parse(await getJson(`${url}/sandbox/${journal}?since=${next}&limit=${PAGE}`))
      if (page.dropped > since) throw new Error(`the gateway has forgotten ${page.dropped - since} ${journal}`)
      entries.push(...page.data)
      if (page.data.length === 0) return entries
      next = page.next
    }
  }
  return {
    stats: async () => GatewayStats.parse(await getJson(`${url}/sandbox/stats`)),
    resetPeak: async () => void (await getJson(`${url}/sandbox/stats`, 'DELETE')),
    sentSince: (since) => all(Sent, 'messages', since),
    requestsSince: (since) => all(GatewayRequest, 'requests', since),
  }
}

async function getJson(url: string, method = 'GET'): Promise<unknown> {
  const response = await fetch(url, { method })
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  return await response.json()
}
