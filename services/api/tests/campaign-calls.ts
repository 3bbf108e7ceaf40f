import assert from 'node:assert/strict'
import { request } from 'node:http'
import type { ApiUnderTest, TestUser } from './api-under-test.ts'
import type { Answer } from './client.ts'

const CSV = { 'content-type': 'text/csv' }
export const NDJSON = { 'content-type': 'application/x-ndjson' }

/** Its id. */
export async function createCampaign(user: TestUser, settings: object = {}): Promise<string> {
  const answer = await user.post('/v1/campaigns', { name: 'spring', instance: 'sales', ...settings })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return String(answer.body['id'])
}

export function putRows(user: TestUser, id: string, body: string, o: { query?: string; type?: object } = {}) {
  return user.call('PUT', `/v1/campaigns/${id}/rows${o.query ?? ''}`, body, { ...CSV, ...o.type })
}

/** Brazilian numbers, each another. */
export function recipient(n: number): string {
  return `+55119${String(80_000_000 + n)}`
}

/** `count` rows of a column `to` and a column `text`. */
export function csvOf(count: number): string {
  return ['to,text', ...Array.from({ length: count }, (_, n) => `${recipient(n)},number ${n}`)].join('\n')
}

/** An upload whose bytes come when the test says so. */
export function openUpload(api: ApiUnderTest, user: TestUser, id: string) {
  const req = request(`${api.url}/v1/campaigns/${id}/rows`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${user.token}`, ...CSV },
  })
  req.on('error', () => {})
  const status = new Promise<number>((resolve) => {
    req.on('response', (res) => {
      res.resume()
      resolve(res.statusCode ?? 0)
    })
    req.on('close', () => resolve(0))
  })
  return {
    write: (text: string) => void req.write(text),
    end: () => void req.end(),
    cut: () => void req.destroy(),
    status,
  }
}

export async function statusOf(user: TestUser, id: string): Promise<unknown> {
  return (await user.get(`/v1/campaigns/${id}`)).body['status']
}

/** Rows that are kept to become messages. */
export function countRows(api: ApiUnderTest): Promise<number> {
  return api.store.db.collection('campaign_rows').countDocuments({})
}

export function listOf({ body }: Answer, name: string): Record<string, unknown>[] {
  const list: unknown = body[name]
  assert.ok(Array.isArray(list), `${name} of ${JSON.stringify(body)}`)
  return list
}
