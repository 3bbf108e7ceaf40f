import { z } from 'zod'

const REQUEST_TIMEOUT_MS = 10_000

const instanceList = z.array(z.object({ name: z.string() }))
const webhookSchema = z
  .object({
    url: z.string(),
    headers: z.record(z.string(), z.string()).nullable(),
    enabled: z.boolean(),
    events: z.array(z.string()),
  })
  .nullable()

type Evolution = Readonly<{ url: string; apiKey: string }>

/**
 * The sandbox Evolution keeps its instances, and with each the address that its events go to. When the API listens on
 * another port than last time, the events would go to nobody and no message would be delivered or read.
 */
export async function moveWebhooks(evolution: Evolution, webhookUrl: string): Promise<void> {
  const instances = instanceList.parse(await call(evolution, 'GET', '/instance/fetchInstances'))
  for (const { name } of instances) {
    const webhook = webhookSchema.parse(await call(evolution, 'GET', `/webhook/find/${encodeURIComponent(name)}`))
    if (webhook === null || !isOursElsewhere(webhook.url, webhookUrl)) continue
    await call(evolution, 'POST', `/webhook/set/${encodeURIComponent(name)}`, {
      webhook: { ...webhook, url: webhookUrl },
    })
  }
}

/** The same route of the same host on another port: a webhook that somebody pointed elsewhere stays. */
export function isOursElsewhere(url: string, ours: string): boolean {
  const [left, right] = [URL.parse(url), URL.parse(ours)]
  if (left === null || right === null) return false
  return left.hostname === right.hostname && left.pathname === right.pathname && left.port !== right.port
}

async function call({ url, apiKey }: Evolution, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { apikey: apiKey, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`The sandbox Evolution answered ${response.status} to ${method} ${path}`)
  return response.json()
}
