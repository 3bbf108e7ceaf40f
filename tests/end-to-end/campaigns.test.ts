import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Client } from '../support/client.ts'
import { type System, startSystem } from '../support/system.ts'

const LONG = { timeoutMs: 240_000, everyMs: 200 }

type CampaignView = Readonly<{
  id: string
  status: string
  progress: Readonly<{ accepted: number; waiting: number; sent: number; cancelled: number; eta: string | null }>
}>

let system: System
let ana: Client
before(async () => {
  system = await startSystem()
  ana = system.admin
  await ana.createInstance('fast')
  for (const [name, perMinute] of [
    ['slow', 120],
    ['slower', 60],
  ] as const) {
    const pace = { perMinute, burst: 1 }
    assert.equal((await ana.call('POST', '/v1/instances', { name, pace })).status, 201)
  }
})
after(async () => {
  await system?.stop()
})

test('a campaign whose API is killed while it feeds sends each row once', { timeout: 300_000 }, async () => {
  const id = await campaign('fast', 1500)
  await act(id, 'start')
  await until('some have left', async () => ((await textsOf('fast')).length >= 200 ? true : undefined), LONG)
  process.kill(system.api().pid, 'SIGKILL')
  await system.api().exited
  await system.startApi()
  await follow(id, 'done')
  // One whose receipt comes just then may be counted twice.
  await until(
    'all are counted',
    async () => {
      const { progress } = await view(id)
      return progress.accepted === 1500 && progress.sent === 1500 && progress.waiting === 0 ? true : undefined
    },
    LONG,
  )
  const texts = await textsOf('fast')
  assert.equal(texts.length, 1500)
  assert.equal(new Set(texts).size, 1500)
  assert.equal(await system.store.db.collection('campaign_rows').countDocuments({}), 0)
})

test('while a campaign is paused nothing of it leaves, and its instance sends what else there is', async () => {
  const id = await campaign('slow', 40)
  await act(id, 'start')
  await until('some have left', async () => ((await textsOf('slow')).length >= 5 ? true : undefined), LONG)
  await act(id, 'pause')
  const held = await until(
    'all that wait are held',
    async () => {
      const { body } = await ana.call<{ data: { id: string }[] }>('GET', `/v1/messages?campaign=${id}&status=scheduled`)
      const { progress } = await view(id)
      return progress.sent + body.data.length === 40 ? body.data : undefined
    },
    LONG,
  )
  const before = (await textsOf('slow')).length
  assert.equal((await ana.getMessage(held[0]?.id ?? '')).body.waitingFor, 'campaign')
  for (const n of [1, 2, 3]) {
    const { body } = await ana.send('slow', recipient(8000 + n), 'by hand')
    await ana.follow(body.id, ['sent', 'delivered', 'read'])
  }
  assert.equal((await textsOf('slow')).length - before, 3)
  await act(id, 'resume')
  await follow(id, 'done')
  const texts = (await textsOf('slow')).filter((text) => text !== 'by hand')
  assert.deepEqual(texts.toSorted(), Array.from({ length: 40 }, (_, n) => `row ${n}`).toSorted())
})

test('of a campaign that is cancelled nothing more leaves, and the rest is counted', async () => {
  const id = await campaign('slower', 1200)
  await act(id, 'start')
  await until('some have left', async () => ((await textsOf('slower')).length >= 2 ? true : undefined), LONG)
  const eta = Date.parse((await view(id)).progress.eta ?? '') - Date.now()
  assert.ok(eta > 15 * 60_000 && eta <= 20 * 60_000, String(eta))
  await act(id, 'cancel')
  const { progress, status } = await until(
    'none waits',
    async () => {
      const seen = await view(id)
      return seen.progress.waiting === 0 ? seen : undefined
    },
    LONG,
  )
  assert.equal(status, 'cancelled')
  assert.equal(progress.sent + progress.cancelled, 1200)
  assert.equal((await textsOf('slower')).length, progress.sent)
})

/** None whose last four digits mean trouble to the sandbox. */
function recipient(n: number): string {
  return `+55119${String(80_001_000 + n)}`
}

async function campaign(instance: string, count: number): Promise<string> {
  const created = await ana.call<CampaignView>('POST', '/v1/campaigns', { name: instance, instance })
  const { id } = created.body
  const rows = Array.from({ length: count }, (_, n) => `${recipient(n)},row ${n}`)
  const csv = ['to,text', ...rows].join('\n')
  const uploaded = await ana.call('PUT', `/v1/campaigns/${id}/rows`, csv, { 'content-type': 'text/csv' })
  assert.equal(uploaded.status, 200, JSON.stringify(uploaded.body))
  return id
}

async function act(id: string, what: 'start' | 'pause' | 'resume' | 'cancel'): Promise<void> {
  assert.equal((await ana.call('POST', `/v1/campaigns/${id}/${what}`)).status, 200)
}

async function view(id: string): Promise<CampaignView> {
  return (await ana.call<CampaignView>('GET', `/v1/campaigns/${id}`)).body
}

function follow(id: string, status: string): Promise<CampaignView> {
  return until(
    `the campaign is ${status}`,
    async () => {
      // The API may just be starting.
      const seen = await view(id).catch(() => undefined)
      return seen?.status === status ? seen : undefined
    },
    LONG,
  )
}

async function textsOf(instance: string): Promise<string[]> {
  return (await system.gateway.journalOf(instance)).map(({ content }) => content)
}
