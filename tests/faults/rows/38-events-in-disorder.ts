import { randomBytes } from 'node:crypto'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import { defineRow } from '../row.ts'

defineRow({
  number: 38,
  title: 'events of Evolution come late, again, out of order, before the answer, and for messages of others',
  demand: 'joined by key.id; no status moves back; unknown ones are kept a while',
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    messages: bySize({ short: 100, usual: 300, full: 2000 }),
    orders: {
      late: { delayMs: random.between(500, 2500) },
      again: { copies: random.between(2, 4) },
      swapped: { swap: true },
      early: { beforeAnswer: true },
      all: { copies: 2, swap: true, serverAck: true, delayMs: random.between(50, 500) },
    },
    foreign: random.between(5, 15),
  }),
  run: async (run, { recipients, messages, orders, foreign }) => {
    const apiKey = randomBytes(16).toString('hex')
    const system = await run.startSystem({
      consumers: 2,
      env: { AUTHENTICATION_API_KEY: apiKey },
      gatewayEnv: { SANDBOX_DELIVERED_AFTER_MS: '100', SANDBOX_READ_AFTER_MS: '200' },
    })
    const instances = Object.keys(orders)
    const lanes = await run.createLanes({ instances, recipients })
    for (const [instance, order] of Object.entries(orders)) await system.gateway.events(instance, order)

    const past: number[] = []
    const posting = run.post({ lanes, messages, name: 'm' })
    for (let n = 0; n < foreign; n++) await sendPastUs(`past-${n}`, instances[n % instances.length] ?? '')
    run.demand(
      'messages past us leave',
      past.every((status) => status === 201),
      past.join(),
    )
    await posting
    await run.untilQuiet()

    const rows = system.store.db.collection<MessageDocument>('messages')
    const statuses = () => rows.distinct('status')
    await until('every receipt is in its row', async () => ((await statuses()).join() === 'read' ? true : undefined), {
      timeoutMs: 30_000,
    }).catch(() => undefined)
    run.demand('every message ends read', (await statuses()).join() === 'read', (await statuses()).join())
    const pending = await system.store.db.collection('pending_receipts').countDocuments()
    run.demand('events of unknown messages are kept', pending > 0, pending)

    /** A message of whoever else uses the same Evolution API: its events reach us, too. */
    async function sendPastUs(text: string, instance: string): Promise<void> {
      const at = Date.now()
      const [lane] = lanes
      const number = '5511970009999'
      const { status } = await fetch(`${system.gateway.url}/message/sendText/${instance}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', apikey: apiKey },
        body: JSON.stringify({ number, text }),
      })
      past.push(status)
      run.noteCall({
        text,
        user: lane?.account.id ?? '',
        instance,
        to: number,
        policy: run.policy,
        invokedAt: at,
        endedAt: Date.now(),
        result: 'unknown',
        status,
        id: undefined,
      })
    }
  },
})
