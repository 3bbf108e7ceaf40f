import { setTimeout as wait } from 'node:timers/promises'
import { dataOf } from '@whatsapp-sender/client'
import { formOf, png } from '../../services/api/tests/media-client.ts'
import { UNANSWERED_LOOK_UP } from '../faults/support/answers.ts'
import { type Answer, type Client, clientOf } from '../support/client.ts'
import type { System } from '../support/system.ts'
import type { Receiver } from './receiver.ts'

/** Somebody who is doing something again and again until it is over. */
type Habit = Readonly<{ everyMs: number; act(n: number): Promise<unknown> }>

export type People = Readonly<{
  /** Until the signal; what they are answered is of no account. */
  act(signal: AbortSignal): Promise<void>
}>

const PRIORITIES = ['high', 'normal', 'bulk'] as const
/** Recipients with which the sandbox fails by itself, in all ways that do not take a minute. */
const ENDINGS = ['0404', '0429', '0500', '0009', '0011', '0463', '0010']
const SLOW = ['slow-0', 'slow-1', 'slow-2', 'slow-3', 'slow-4', 'slow-5', 'slow-6', 'slow-7']
const HOUR_MS = 3_600_000
const LOOKS_MS = 20_000

/** Two users beside the administrator, each with instances, of which some do not do well. */
export async function gatherPeople(system: System, receiver: Receiver): Promise<People> {
  const { admin, gateway } = system
  const [ana, bob] = await Promise.all(['ana', 'bob'].map((name) => userNamed(system, name)))
  if (ana === undefined || bob === undefined) throw new Error('two users were asked for')
  for (const name of ['sales', 'support', 'failing', 'cut', 'closed']) await ana.createInstance(name)
  for (const name of ['market', 'odd', ...SLOW]) await bob.createInstance(name)
  await bob.createInstance('paced', { perMinute: 10, burst: 1 })
  await bob.createInstance('paused')
  await done(bob.call('PATCH', '/v1/instances/paused', { paused: true }))
  await gateway.setState('closed', 'close')
  await gateway.program('failing', { status: 500, body: UNANSWERED_LOOK_UP })
  await gateway.program('cut', { close: 'after-reading', failRate: 0.5 })
  for (const name of SLOW) await gateway.program(name, { delayMs: 5000 })
  for (const path of ['taken', 'failing'] as const)
    await done(ana.call('POST', '/v1/webhooks', { url: receiver.addressOf(path) }))
  await done(ana.call('PUT', `/v1/suppressions/${encodeURIComponent(STOPPED)}`, { reason: 'wants no more' }))
  await startCampaign(bob, 'market')
  const habits = [
    ...sending(ana, bob),
    ...failing(ana, bob),
    ...refused(system, ana),
    ...around({ system, ana, bob, admin, receiver }),
  ]
  return {
    act: async (signal) => {
      await Promise.all(habits.map((habit) => keepTo(habit, signal)))
    },
  }
}

const STOPPED = '+5511999995555'

function sending(ana: Client, bob: Client): readonly Habit[] {
  const send = (client: Client, body: object, headers?: Record<string, string>) =>
    client.call('POST', '/v1/messages', { text: 'Your order has left.', ...body }, headers)
  return [
    {
      everyMs: 500,
      act: (n) => send(ana, { instance: n % 2 ? 'sales' : 'support', to: numberOf(n), priority: PRIORITIES[n % 3] }),
    },
    { everyMs: 1500, act: (n) => send(bob, { instance: 'market', to: numberOf(n), text: `offer ${n}` }) },
    {
      everyMs: 6000,
      act: async (n) => {
        const key = { 'idempotency-key': `order-${n}` }
        const body = { instance: 'sales', to: numberOf(n) }
        const first = await send(ana, body, key)
        await send(ana, body, key)
        await send(ana, { ...body, text: 'quite another' }, key)
        return first
      },
    },
    {
      everyMs: 15_000,
      act: (n) =>
        ana.call('POST', '/v1/messages/batch', {
          instance: 'support',
          priority: 'bulk',
          messages: Array.from({ length: 40 }, (_, i) => ({ to: numberOf(n * 40 + i), text: `to many ${i}` })),
        }),
    },
    {
      everyMs: 4000,
      act: (n) => send(ana, { instance: 'sales', to: numberOf(n), sendAt: inMs(n % 2 ? 8000 : HOUR_MS) }),
    },
    // More than its pace lets go.
    { everyMs: 3000, act: (n) => send(bob, { instance: 'paced', to: numberOf(n) }) },
    { everyMs: 20_000, act: (n) => send(bob, { instance: 'paused', to: numberOf(n) }) },
    // More than there are slots for.
    { everyMs: 400, act: (n) => send(bob, { instance: SLOW[n % SLOW.length], to: numberOf(n), ttlSeconds: 60 }) },
  ]
}

function failing(ana: Client, bob: Client): readonly Habit[] {
  const send = (client: Client, body: object) =>
    client.call('POST', '/v1/messages', { text: 'Are you there?', ...body })
  return [
    { everyMs: 5000, act: (n) => send(ana, { instance: 'failing', to: numberOf(n) }) },
    {
      everyMs: 4000,
      act: (n) => send(bob, { instance: 'odd', to: `+55119${8000 + (n % 1000)}${ENDINGS[n % ENDINGS.length]}` }),
    },
    {
      everyMs: 5000,
      act: (n) => send(ana, { instance: 'cut', to: numberOf(n), onAmbiguous: n % 2 ? 'hold' : 'resend' }),
    },
    { everyMs: 7000, act: (n) => send(ana, { instance: 'closed', to: numberOf(n), ttlSeconds: 10 + (n % 3) * 60 }) },
  ]
}

function refused({ anonymous, admin, adminAccount }: System, ana: Client): readonly Habit[] {
  const message = { instance: 'sales', to: '+5511999991000', text: 'never sent' }
  const wrong = { email: adminAccount.email.replace('admin', 'nobody'), password: 'not the password' }
  return [
    { everyMs: 5000, act: () => ana.call('POST', '/v1/messages', { ...message, to: 'nobody' }) },
    { everyMs: 5000, act: () => ana.call('POST', '/v1/messages', { ...message, instance: 'not-mine' }) },
    { everyMs: 5000, act: () => ana.call('POST', '/v1/messages', { ...message, to: STOPPED }) },
    { everyMs: 5000, act: () => anonymous.call('POST', '/v1/messages', message) },
    { everyMs: 5000, act: () => ana.call('GET', '/v1/admin/overview') },
    { everyMs: 5000, act: () => admin.call('POST', '/v1/instances', { name: 'sales' }) },
    // After some of them 429.
    { everyMs: 2000, act: () => anonymous.call('POST', '/user/login', wrong) },
    {
      everyMs: 5000,
      act: () =>
        anonymous.call(
          'POST',
          '/v1/evolution/events',
          { event: 'messages.update', instance: 'sales', data: {} },
          { 'x-webhook-secret': 'forged' },
        ),
    },
  ]
}

/** What else users and their programs do. */
function around(
  o: Readonly<{ system: System; ana: User; bob: Client; admin: Client; receiver: Receiver }>,
): readonly Habit[] {
  const { system, ana, bob, admin, receiver } = o
  return [
    { everyMs: 5000, act: () => admin.call('GET', '/v1/admin/overview') },
    { everyMs: 3000, act: () => ana.call('GET', '/v1/messages?limit=20') },
    // For a while somebody looks on.
    { everyMs: 1000, act: () => lookOn(system, ana) },
    {
      // One that is gone for good is switched off.
      everyMs: 30_000,
      act: () => bob.call('POST', '/v1/webhooks', { url: receiver.addressOf('gone') }),
    },
    {
      // Removed with what waits in it.
      everyMs: 30_000,
      act: async (n) => {
        const name = `brief-${n}`
        await bob.createInstance(name)
        await bob.call('PATCH', `/v1/instances/${name}`, { paused: true })
        const { body } = await bob.send(name, numberOf(n), 'too late')
        await bob.follow(body.id, ['queued'])
        await bob.call('DELETE', `/v1/instances/${name}`)
      },
    },
    {
      // Called off before its time.
      everyMs: 10_000,
      act: async (n) => {
        const { body } = await ana.call<{ id: string }>('POST', '/v1/messages', {
          instance: 'sales',
          to: numberOf(n),
          text: 'Come at eight.',
          sendAt: inMs(HOUR_MS),
        })
        await ana.call('POST', `/v1/messages/${body.id}/cancel`)
      },
    },
    {
      // A file whose time is over: a week is too long to wait for.
      everyMs: 20_000,
      act: async () => {
        const body = formOf(['file', png()])
        await fetch(`${system.apiUrl}/v1/media`, { method: 'POST', headers: ana.headers, body })
        await system.store.db.collection('media').updateMany({}, { $set: { expiresAt: new Date() } })
      },
    },
  ]
}

async function keepTo({ everyMs, act }: Habit, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    // While a server is away nobody is answered, and goes on.
    await act(n).catch(() => undefined)
    await wait(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

async function lookOn({ apiUrl }: System, { headers }: User): Promise<void> {
  const stop = AbortSignal.timeout(LOOKS_MS)
  const response = await fetch(`${apiUrl}/v1/events`, { headers, signal: stop })
  await response.body?.pipeTo(new WritableStream(), { signal: stop })
}

/** Also what goes past the clients: uploads and streams. */
type User = Client & Readonly<{ headers: Readonly<Record<string, string>> }>

async function userNamed({ admin, anonymous, apiUrl }: System, name: string): Promise<User> {
  const account = { email: `${name}@example.com`, fullname: name, password: 'tiny horse eats 9 pears' }
  const { body } = await anonymous.call<{ id: string }>('POST', '/user/signup', account)
  await done(admin.call('PATCH', `/v1/users/${body.id}`, { status: 'approved', role: 'sender' }))
  const { email, password } = account
  const { access_token: token } = await dataOf(anonymous.api.POST('/user/login', { body: { email, password } }))
  return { ...clientOf(apiUrl, token), headers: { authorization: `Bearer ${token}` } }
}

async function startCampaign(client: Client, instance: string): Promise<void> {
  const { body } = await client.call<{ id: string }>('POST', '/v1/campaigns', { name: 'spring', instance })
  const rows = Array.from({ length: 400 }, (_, n) => `${n % 40 ? numberOf(n) : STOPPED},row ${n}`)
  const csv = ['to,text', ...rows].join('\n')
  await done(client.call('PUT', `/v1/campaigns/${body.id}/rows`, csv, { 'content-type': 'text/csv' }))
  await done(client.call('POST', `/v1/campaigns/${body.id}/start`))
}

async function done(asked: Promise<Answer<unknown>>): Promise<void> {
  const { status, body } = await asked
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
}

/** None of them ends in what means trouble to the sandbox. */
function numberOf(n: number): string {
  return `+55119${String(80_001_000 + (n % 8000))}`
}

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString()
}
