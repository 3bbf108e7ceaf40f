import assert from 'node:assert/strict'
import { createEvolutionSandbox, type SandboxOptions } from './sandbox.ts'

export const GLOBAL_KEY = 'global-key'

/** A sandbox on a free port with the waits of the real server cut to a hundredth. */
export async function startForTest(options: Partial<SandboxOptions> = {}) {
  const sandbox = createEvolutionSandbox({
    host: '127.0.0.1',
    port: 0,
    apiKey: GLOBAL_KEY,
    autoOpen: false,
    latencyMs: 0,
    timeScale: 0.01,
    deliveredAfterMs: 5,
    readAfterMs: 10,
    ...options,
  })
  await sandbox.start()

  /** `body` goes as it is when it is a string, else as JSON. */
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(sandbox.url + path, {
      method,
      headers: { apikey: GLOBAL_KEY, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const parsed: unknown = text === '' ? undefined : JSON.parse(text)
    return { status: response.status, body: parsed, text, headers: response.headers }
  }

  return {
    url: sandbox.url,
    stop: () => sandbox.stop(),
    call,
    create: (name: string, fields: object = {}) =>
      call('POST', '/instance/create', { instanceName: name, integration: 'WHATSAPP-BAILEYS', ...fields }),
    setState: (name: string, state: 'open' | 'connecting' | 'close' | 'loading') =>
      call('POST', `/sandbox/instances/${name}/state`, { state }),
    /** `POST /message/{route}/{name}`. */
    send: (route: string, name: string, body?: unknown) => call('POST', `/message/${route}/${name}`, body),
    sendText: (name: string, number: string, text: string, fields: object = {}) =>
      call('POST', `/message/sendText/${name}`, { number, text, ...fields }),
  }
}

/** The whole body of the usual error. */
export function errorBody(status: number, message: unknown, error = TITLES[status]) {
  return { status, error, response: { message } }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
}

/** Waits until `read` gives something that `isDone` accepts. */
export async function eventually<T>(read: () => T | Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const value = await read()
    if (isDone(value)) return value
    assert.ok(Date.now() < deadline, `still waiting: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The bytes of an answer with ids and times put out of sight. */
export function maskedText(text: string): string {
  return text
    .replace(/"id":"3EB0[0-9A-F]{18}"/g, '"id":"<id>"')
    .replace(/"id":"wamid\.[^"]+"/g, '"id":"<wamid>"')
    .replace(/"[0-9a-f]{8}-[0-9a-f-]{27}"/g, '"<uuid>"')
    .replace(/"low":\d{10}/g, '"low":<ts>')
    .replace(/"messageTimestamp":\d{10}/g, '"messageTimestamp":<ts>')
}

/** The value with what differs from run to run put out of sight. */
export function masked(body: unknown): unknown {
  const text = JSON.stringify(body)
    .replace(/"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}"/g, '"<uuid>"')
    .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
    .replace(/"code":"2@[^"]+"/, '"code":"2@"')
    .replace(/"base64":"data:image\/png;base64,[^"]{100,}"/, '"base64":"data:"')
    .replace(/"pairingCode":"[A-Z0-9]{8}"/, '"pairingCode":"<code>"')
  return JSON.parse(text)
}

/** The bytes of what instance routes answer, with what differs from run to run put out of sight. */
export function maskedInstance(text: string): string {
  return text
    .replace(/"[0-9A-F]{8}-[0-9A-F-]{27}"/g, '"<UUID>"')
    .replace(/"[0-9a-f]{8}-[0-9a-f-]{27}"/g, '"<uuid>"')
    .replace(/"c[a-z0-9]{24}"/g, '"<cuid>"')
    .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
    .replace(/"code":"2@[^"]+"/, '"code":"2@…"')
    .replace(/"base64":"data:image\/png;base64,[^"]{100,}"/, '"base64":"data:image/png;base64,…"')
    .replace(/"pairingCode":"[A-Z0-9]{8}"/, '"pairingCode":"<code>"')
}
