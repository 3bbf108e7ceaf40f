import { startForTest } from '@whatsapp-sender/sandbox/evolution/start-for-test'

/** Known to the look-up's cache, so a lost connection shows later in the send. */
export const CACHED = '5511999995000'

/** A sandbox with an instance in each state the real server has one in, and one of each other channel. */
export async function startGatewayInStates() {
  const sandbox = await startForTest({ timeScale: 0.002 })
  const { setState } = sandbox

  async function request(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const { status, text } = await sandbox.call(method, path, body, headers)
    return { status, text, isCut: false }
  }

  const create = (instanceName: string, integration: string, number?: string) =>
    request('POST', '/instance/create', { instanceName, integration, token: `tok-${instanceName}`, number })

  for (const name of ['open', 'never', 'connecting', 'loading', 'closed']) await create(name, 'WHATSAPP-BAILEYS')
  await create('e1', 'EVOLUTION')
  await create('b1', 'WHATSAPP-BUSINESS', '5511900000009')
  for (const name of ['open', 'connecting', 'loading'] as const) await setState(name, name)
  await setState('closed', 'open')
  await request('POST', '/message/sendText/closed', { number: CACHED, text: 'fills the cache' })
  await setState('closed', 'close')

  return {
    url: sandbox.url,
    request,
    setState,
    order: (name: string, program: object) => request('POST', `/sandbox/instances/${name}/program`, program),
    setDatabase: (down: boolean) => request('POST', '/sandbox/database', { down }),
    stop: sandbox.stop,
  }
}

export type GatewayInStates = Awaited<ReturnType<typeof startGatewayInStates>>
