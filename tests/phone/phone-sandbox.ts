import assert from 'node:assert/strict'
import { createEvolutionSandbox, type SandboxOptions } from '@whatsapp-sender/sandbox/evolution/sandbox'

const API_KEY = 'sandbox-key'

/** A sandbox on a free port, with what the phone's tests ask of it. */
export async function startPhoneSandbox(options: Partial<SandboxOptions> = {}) {
  const sandbox = createEvolutionSandbox({
    host: '127.0.0.1',
    port: 0,
    apiKey: API_KEY,
    autoOpen: false,
    latencyMs: 0,
    ...options,
  })
  await sandbox.start()

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(sandbox.url + path, {
      method,
      headers: { apikey: API_KEY, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }

  const post = (path: string, body: unknown) => call('POST', path, body)
  return {
    url: sandbox.url,
    stop: () => sandbox.stop(),
    create: (instanceName: string, fields: object = {}) =>
      post('/instance/create', { instanceName, integration: 'WHATSAPP-BAILEYS', ...fields }),
    scan: (name: string) => post(`/sandbox/instances/${name}/scan`, {}),
    reply: (name: string, fields: object) => post(`/sandbox/instances/${name}/replies`, fields),
    /** The id of the message. */
    async send(name: string, route: string, fields: object): Promise<string> {
      const body = await post(`/message/${route}/${name}`, fields)
      return keyIdOf(body)
    },
    setWebhook: (name: string, url: string, events: readonly string[]) =>
      post(`/webhook/set/${name}`, { webhook: { enabled: true, url, events } }),
  }
}

export type PhoneSandbox = Awaited<ReturnType<typeof startPhoneSandbox>>

function keyIdOf(body: unknown): string {
  assert.ok(typeof body === 'object' && body !== null && 'key' in body)
  const { key } = body
  assert.ok(typeof key === 'object' && key !== null && 'id' in key && typeof key.id === 'string')
  return key.id
}
