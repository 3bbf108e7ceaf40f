import { createHmac } from 'node:crypto'

/**
 * The headers of Standard Webhooks: `v1,` and base64 of HMAC-SHA-256 over `id.timestamp.body`, one for each secret, parted
 * by spaces. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @param secrets `whsec_` and base64 of the key
 */
export function signedHeaders(
  { id, body }: Readonly<{ id: string; body: string }>,
  secrets: readonly string[],
  now: Date,
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const content = `${id}.${timestamp}.${body}`
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${hmacOf(secret, content)}`).join(' '),
  }
}

function hmacOf(secret: string, content: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return createHmac('sha256', key).update(content, 'utf8').digest('base64')
}
