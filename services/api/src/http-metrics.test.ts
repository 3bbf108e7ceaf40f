import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { beforeEach, test } from 'node:test'
import { createLogger, createRegistry } from '@whatsapp-sender/service-runtime'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { createEvents } from './events.ts'
import { DOCUMENT_FILE } from './openapi/document-file.ts'

/** A process of any service may have so many. */
const SERIES_MAX = 2000

const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

let registry: Registry
let events: ReturnType<typeof createEvents>

beforeEach(() => {
  registry = createRegistry({ service: 'api' })
  events = createEvents({ logger: createLogger({ service: 'test', level: 'silent' }), registry })
})

test('a route has the number of its requests and their time, by method and class of status', async () => {
  finish('GET', '/v1/messages/:id', 200)
  finish('GET', '/v1/messages/:id', 204)
  finish('GET', '/v1/messages/:id', 404)
  finish('BREW', 'none', 400)
  const told = await series()
  const get = 'method="GET",route="/v1/messages/:id"'
  for (const line of [
    `whatsapp_http_route_requests_total{${get},status="2xx",service="api"} 2`,
    `whatsapp_http_route_seconds_total{${get},status="2xx",service="api"} 1`,
    `whatsapp_http_route_requests_total{${get},status="4xx",service="api"} 1`,
    'whatsapp_http_route_requests_total{method="other",route="none",status="4xx",service="api"} 1',
  ])
    assert.ok(told.includes(line), line)
  const all = told.find((line) => /^whatsapp_http_request_duration_seconds_count\{.*"GET".*"2xx"/.test(line))
  assert.ok(all?.endsWith(' 2'), all)
})

test('when every route has answered with every class of status, there are fewer series than a process may have', async () => {
  const { paths } = Document.parse(JSON.parse(await readFile(DOCUMENT_FILE, 'utf8')))
  for (const [route, operations] of Object.entries(paths))
    for (const method of Object.keys(operations))
      for (const status of [200, 302, 400, 500]) finish(method.toUpperCase(), route, status)
  const { length } = await series()
  assert.ok(length > 800 && length < SERIES_MAX, `${length} series`)
})

function finish(method: string, route: string, status: number): void {
  events.requestFinished({ requestId: 'r', method, route, status, seconds: 0.5 })
}

async function series(): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
