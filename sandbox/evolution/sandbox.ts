import type { AddressInfo } from 'node:net'
import { createConnections } from './connections.ts'
import { DEFAULT_KEY } from './default-key.ts'
import { createEventOrders } from './event-orders.ts'
import { createLocalOnly } from './http/local-only.ts'
import { createRouter } from './http/router.ts'
import { createInstanceRegistry } from './instances.ts'
import { createJournal } from './journal.ts'
import { createLateAnswers } from './late-answers.ts'
import { createMediaStore, MEDIA_BYTES_MAX } from './media/media-store.ts'
import { createMediaPage } from './media/serve-media.ts'
import { createMessages } from './messages.ts'
import { createNumberCheck } from './number-check.ts'
import { createPhoneFeed } from './phone-feed.ts'
import { createPrograms } from './programs.ts'
import { createReceipts } from './receipts.ts'
import { createReplies } from './replies.ts'
import { chatRoutes } from './routes/chat-routes.ts'
import { instanceRoutes } from './routes/instance-routes.ts'
import { createSandboxRoutes } from './routes/sandbox-routes.ts'
import { webhookRoutes } from './routes/webhook-routes.ts'
import { welcomeRoute } from './routes/welcome.ts'
import { createHandOver, type JournalEntry } from './send/hand-over.ts'
import { createSendRoutes, type RequestEntry } from './send/send-routes.ts'
import { createSandboxServer } from './server.ts'
import { createStateFile } from './state-file.ts'
import { createSurroundings } from './surroundings.ts'
import { createWebhooks } from './webhooks.ts'

export type SandboxOptions = Readonly<{
  host: string
  /** 0 takes a free port. */
  port: number
  /** The global key. */
  apiKey: string
  /** Instances connect at once instead of waiting for somebody to scan. */
  autoOpen: boolean
  /** How long the socket takes for one message; each instance sends one at a time. */
  latencyMs: number
  /** Each latency is drawn within ± this. */
  latencyJitterMs?: number
  /** Unset keeps everything in memory. */
  stateDir?: string | undefined
  /** Shortens or stretches the waits of the real server, such as the 60.02 s of an unanswered look-up. */
  timeScale?: number
  deliveredAfterMs?: number
  readAfterMs?: number
  /** Names besides the loopback ones under which the phone and the journals may be opened. */
  allowedHosts?: readonly string[]
}>

export type EvolutionSandbox = Readonly<{
  /** Complete once started. */
  readonly url: string
  start(): Promise<void>
  stop(): Promise<void>
}>

const JOURNAL_ENTRIES_MAX = 200_000
const JOURNAL_CHARS_MAX = 64 * 1024 * 1024
const MESSAGES_MAX = 5_000

/** A stand-in for Evolution API 2.3.6 whose phone is a web page. */
export function createEvolutionSandbox(options: SandboxOptions): EvolutionSandbox {
  const { timeScale = 1, readAfterMs = 900 } = options
  let url = `http://${urlHost(options.host)}:${options.port}`
  const serverUrl = () => url

  const instances = createInstanceRegistry()
  const surroundings = createSurroundings(options.apiKey)
  const messages = createMessages(MESSAGES_MAX)
  const media = createMediaStore(MEDIA_BYTES_MAX)
  const journal = createJournal<JournalEntry>(JOURNAL_ENTRIES_MAX, {
    charsMax: JOURNAL_CHARS_MAX,
    charsOf: ({ content, number, remoteJid }) => content.length + number.length + remoteJid.length,
  })
  const requests = createJournal<RequestEntry>(JOURNAL_ENTRIES_MAX, {
    charsMax: JOURNAL_CHARS_MAX,
    charsOf: ({ instance, number = '' }) => instance.length + number.length,
  })
  const state = createStateFile({ stateDir: options.stateDir, instances, messages })
  const onChange = state.touch
  const feed = createPhoneFeed()
  const programs = createPrograms()
  const eventOrders = createEventOrders()
  const webhooks = createWebhooks({ timeScale, orders: eventOrders, serverUrl })
  const connections = createConnections({ webhooks, feed, surroundings, timeScale, serverUrl, onChange })
  const receipts = createReceipts({
    instances,
    webhooks,
    feed,
    deliveredAfterMs: options.deliveredAfterMs ?? 300,
    readAfterMs,
    onChange,
  })
  const numberCheck = createNumberCheck({ connections, timeScale })
  const latencyMs = latencyOf(options)
  const handOver = createHandOver({
    connections,
    webhooks,
    receipts,
    messages,
    media,
    journal,
    feed,
    surroundings,
    timeScale,
    latencyMs,
    onChange,
  })
  const send = createSendRoutes({
    programs,
    numberCheck,
    requests,
    messages,
    media,
    feed,
    surroundings,
    timeScale,
    handOver,
  })

  const evolution = createRouter({
    instances,
    surroundings,
    beforeAnswering: createLateAnswers({ orders: eventOrders, webhooks, readAfterMs }),
    routes: {
      ...welcomeRoute({ serverUrl, surroundings, timeScale }),
      ...instanceRoutes({
        instances,
        surroundings,
        serverUrl,
        connections,
        webhooks,
        autoOpen: options.autoOpen,
        timeScale,
        onRemoved(instance) {
          feed.publish(() => ({ kind: 'removed', name: instance.name }))
          onChange()
        },
      }),
      ...webhookRoutes({ onChange }),
      ...chatRoutes({ numberCheck, messages }),
      ...send.routes,
    },
  })
  const local = createLocalOnly([options.host, ...(options.allowedHosts ?? [])])
  const server = createSandboxServer({
    evolution,
    sandbox: createSandboxRoutes({
      instances,
      connections,
      surroundings,
      programs,
      eventOrders,
      messages,
      media,
      journal,
      requests,
      reply: createReplies({ messages, media, feed, webhooks, onChange }),
      stats: () => ({
        sent: journal.length(),
        requests: requests.length(),
        ...send.stats(),
        webhooks: webhooks.stats(),
      }),
      resetPeak: send.resetPeak,
    }),
    media: createMediaPage(media),
    isLocal: local.isLocal,
    // A key that everybody knows keeps no web page away.
    takesCall: options.apiKey === DEFAULT_KEY ? local.hasLocalName : () => true,
    feed,
  })

  return {
    get url() {
      return url
    },
    async start() {
      for (const message of await state.load()) receipts.follow(message)
      for (const instance of instances.all()) connections.boot(instance)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(options.port, options.host, resolve)
      })
      url = `http://${urlHost(options.host)}:${portOf(server.address())}`
    },
    async stop() {
      feed.stop()
      receipts.stop()
      webhooks.stop()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      await state.save()
    },
  }
}

function latencyOf({ latencyMs, latencyJitterMs = 0 }: SandboxOptions): () => number {
  if (latencyJitterMs === 0) return () => latencyMs
  return () => Math.max(0, latencyMs + (Math.random() * 2 - 1) * latencyJitterMs)
}

/** An address that means "every interface" cannot be called; this machine can. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
