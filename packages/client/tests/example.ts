import { setTimeout } from 'node:timers/promises'
import { createClient, dataOf } from '@whatsapp-sender/client'

const { API_URL = 'http://127.0.0.1:8000', API_KEY = '' } = process.env
// `sent` is no end: whether it arrived is known later.
const HAS_ENDED: ReadonlySet<string> = new Set([
  'delivered',
  'read',
  'failed',
  'dead-lettered',
  'unknown',
  'cancelled',
  'expired',
])
const api = createClient({ baseUrl: API_URL, apiKey: API_KEY })

// The answer or the problem, both typed: `code` is one of those that this route answers with.
const sent = await api.POST('/v1/messages', {
  params: { header: { 'Idempotency-Key': 'order-1001' } },
  body: { instance: 'sales', to: '+5511999991000', text: 'Your order has left.' },
})
if (sent.error?.code === 'suppressed') console.log('Nobody sends to this number any more.')

// Or the data alone: whatever is no success is thrown as an `ApiError`.
const { data } = await dataOf(api.GET('/v1/messages', { params: { query: { limit: 1 } } }))
console.log(`Newest: ${data.length}`)

if (sent.data && 'id' in sent.data) console.log(await endOf(sent.data.id))

async function endOf(id: string): Promise<string> {
  const { data, error } = await api.GET('/v1/messages/{id}', { params: { path: { id } } })
  // One that was accepted a moment ago may still be on its way into the ledger.
  if (error && error.code !== 'message-not-found') throw new Error(error.detail)
  if (data && HAS_ENDED.has(data.status)) return data.status
  await setTimeout(500)
  return await endOf(id)
}
