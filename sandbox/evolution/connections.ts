import type { EvolutionInstance, noCodeYet, QrCode } from './instances.ts'
import { ownerJidOf } from './instances.ts'
import { createPairing } from './pairing.ts'
import type { PhoneFeed } from './phone-feed.ts'
import { instanceView } from './phone-view.ts'
import type { Surroundings } from './surroundings.ts'
import type { Webhooks } from './webhooks.ts'

/** Moves instances between their states and tells webhooks and pages. */
export type Connections = Readonly<{
  /** The first code to scan; while WhatsApp cannot be reached there is none. */
  startPairing(instance: EvolutionInstance, wantsPairingCode: boolean): Promise<QrCode | typeof noCodeYet>
  markConnecting(instance: EvolutionInstance): void
  /** As while the server boots: known, but not there yet. Nobody is told. */
  markLoading(instance: EvolutionInstance): void
  /** A login kept from the last run: loading, then open by itself. */
  boot(instance: EvolutionInstance): void
  open(instance: EvolutionInstance): void
  /** The login ends, by logout or on the phone. */
  logOut(instance: EvolutionInstance): void
  /** The socket breaks and comes back by itself a moment later; like the real server, without a close event. */
  loseSocket(instance: EvolutionInstance): void
}>

export const PROFILE_NAME = 'Sandbox'

const LOAD_MS = 300
const RECONNECT_MS = 400
const LOGGED_OUT = 401
const CONNECTION_CLOSED = 428

export function createConnections(o: {
  webhooks: Webhooks
  feed: PhoneFeed
  surroundings: Surroundings
  timeScale: number
  serverUrl(): string
  onChange(): void
}): Connections {
  const reconnects = new WeakMap<EvolutionInstance, NodeJS.Timeout>()
  const pairing = createPairing({ ...o, changed, onLimit: giveUp })

  return {
    markConnecting,
    open,
    markLoading(instance) {
      clearTimeout(reconnects.get(instance))
      instance.connection = 'loading'
      changed(instance)
    },
    boot(instance) {
      if (instance.connection !== 'open' || instance.integration !== 'WHATSAPP-BAILEYS') return
      instance.connection = 'loading'
      setTimeout(() => {
        if (instance.connection === 'loading') open(instance)
      }, LOAD_MS * o.timeScale).unref()
    },
    startPairing(instance, wantsPairingCode) {
      markConnecting(instance)
      return pairing.start(instance, wantsPairingCode)
    },
    logOut(instance) {
      close(instance)
      const at = new Date().toISOString()
      const object = JSON.stringify({ error: { data: { tag: 'stream:error' } }, date: at })
      instance.disconnection = { at, reasonCode: LOGGED_OUT, object }
      o.webhooks.emit(instance, 'status.instance', {
        instance: instance.name,
        status: 'closed',
        disconnectionAt: at,
        disconnectionReasonCode: LOGGED_OUT,
        disconnectionObject: object,
      })
      o.webhooks.emit(instance, 'logout.instance', null)
      o.webhooks.emit(instance, 'connection.update', {
        instance: instance.name,
        state: 'close',
        statusReason: LOGGED_OUT,
      })
      changed(instance)
    },
    loseSocket(instance) {
      clearTimeout(reconnects.get(instance))
      instance.connection = 'close'
      changed(instance)
      const timer = setTimeout(() => {
        if (instance.connection === 'close') open(instance)
      }, RECONNECT_MS * o.timeScale).unref()
      reconnects.set(instance, timer)
    },
  }

  function markConnecting(instance: EvolutionInstance): void {
    clearTimeout(reconnects.get(instance))
    instance.connection = 'connecting'
    instance.hasSocket = true
    o.webhooks.emit(instance, 'connection.update', { instance: instance.name, state: 'connecting', statusReason: 200 })
    changed(instance)
  }

  function open(instance: EvolutionInstance): void {
    if (instance.connection !== 'connecting') markConnecting(instance)
    instance.connection = 'open'
    instance.ownerJid = ownerJidOf(instance)
    instance.disconnection = undefined
    instance.qrCode = undefined
    o.webhooks.emit(instance, 'connection.update', {
      instance: instance.name,
      wuid: instance.ownerJid,
      profileName: PROFILE_NAME,
      state: 'open',
      statusReason: 200,
    })
    changed(instance)
  }

  /** Nobody scanned any of the codes. */
  function giveUp(instance: EvolutionInstance): void {
    close(instance)
    o.webhooks.emit(instance, 'connection.update', {
      instance: instance.name,
      state: 'refused',
      statusReason: CONNECTION_CLOSED,
      ...(instance.ownerJid === null ? {} : { wuid: instance.ownerJid }),
    })
    changed(instance)
  }

  function close(instance: EvolutionInstance): void {
    clearTimeout(reconnects.get(instance))
    instance.connection = 'close'
    instance.qrCode = undefined
  }

  function changed(instance: EvolutionInstance): void {
    instance.updatedAt = new Date().toISOString()
    o.feed.publish(() => ({ kind: 'instance', instance: instanceView(instance) }))
    o.onChange()
  }
}
