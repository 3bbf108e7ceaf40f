import assert from 'node:assert/strict'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Canary } from './canary.ts'
import type { System } from './system.ts'

/** What Evolution API may do instead of sending, with all that it knows in its answer. */
function troublesOf(said: string): readonly Readonly<Record<string, unknown>>[] {
  const body = { status: 500, error: said, response: { message: [said, { [said]: said }] } }
  const failing = [400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503].map((status) => ({ status, body }))
  return [
    ...failing,
    { status: 200, body },
    { status: 201, body: said },
    { status: 302, headers: { location: `http://127.0.0.1:9/${said.split(' ')[0]}` } },
    { status: 500, body, headers: { 'retry-after': said } },
    { status: 500, body, garbage: 'html' },
    { garbage: 'cut-json' },
    { garbage: 'broken-http' },
    { close: 'before-reading' },
    { close: 'after-reading' },
    { delayMs: 10_000 },
  ]
}

/** Recipients with which the sandbox fails by itself. */
const ENDINGS = ['0404', '0429', '0500', '0009', '0011', '0463', '0010', '0503']

/** Five failures in a row would have everything wait for Evolution. */
const AT_ONCE = 4

/** Sends through instances of which each meets another trouble, and to each failing recipient; then with Evolution away. */
export async function failSends(system: System, canary: Canary): Promise<void> {
  const { admin, gateway } = system
  const troubles = troublesOf(`${canary.word} said to ${canary.numberOf('1000')} by ${system.evolutionKey}`)
  await admin.createInstance('plain')
  const meet = async (trouble: (typeof troubles)[number], n: number): Promise<void> => {
    const instance = `trouble-${n}`
    await admin.createInstance(instance)
    await gateway.program(instance, { ...trouble, times: 1 })
    await untilTried(system, await sendOne(system, canary, { instance, ending: String(1000 + n) }))
  }
  for (let from = 0; from < troubles.length; from += AT_ONCE) {
    await Promise.all(troubles.slice(from, from + AT_ONCE).map((trouble, n) => meet(trouble, from + n)))
    await untilTried(system, await sendOne(system, canary, { instance: 'plain', ending: String(2000 + from) }))
  }
  for (const ending of ENDINGS) {
    // Of its own: after some failures an instance is silent for a minute.
    const instance = `ending-${ending}`
    await admin.createInstance(instance)
    await untilTried(system, await sendOne(system, canary, { instance, ending }))
  }

  await system.gatewayProcess().stop()
  const last = await sendOne(system, canary, { instance: 'plain', ending: '4000' })
  const check = await admin.call('POST', '/v1/numbers/check', {
    instance: 'plain',
    numbers: [canary.numberOf('4000')],
  })
  assert.ok(check.status >= 500, String(check.status))
  await admin.call('POST', '/v1/instances', { name: 'unreachable' })
  await untilHeld(system)
  await system.startGateway()
  await untilTried(system, last)
}

async function sendOne(
  { admin }: System,
  canary: Canary,
  { instance, ending }: Readonly<{ instance: string; ending: string }>,
): Promise<string> {
  const body = {
    instance,
    to: canary.numberOf(ending),
    text: `told to ${canary.word}`,
    reference: canary.word,
    metadata: { who: canary.word },
    onAmbiguous: 'hold',
  }
  const answer = await admin.call<{ id: string }>('POST', '/v1/messages', body, {
    'idempotency-key': `${canary.word} ${instance} ${ending}`.replaceAll(' ', '-'),
  })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.id
}

async function untilTried({ admin }: System, id: string): Promise<void> {
  await until(
    `message ${id} was tried`,
    async () => {
      const { body } = await admin.getMessage(id)
      return ('attempts' in body && body.attempts.length > 0) || undefined
    },
    {
      everyMs: 200,
      timeoutMs: 120_000,
    },
  )
}

async function untilHeld({ programs }: System): Promise<void> {
  const consumer = programs().findLast(({ name }) => name.startsWith('consumer'))
  await until('what waits for Evolution is held', async () => {
    const metrics = await (await fetch(new URL('/metrics', consumer?.readyUrl))).text()
    return /^whatsapp_evolution_held\{.*\} 1$/m.test(metrics) || undefined
  })
}
