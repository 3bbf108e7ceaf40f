import { randomBytes } from 'node:crypto'
import { toDataURL } from 'qrcode'
import { type EvolutionInstance, ownerJidOf, type QrCode } from './instances.ts'
import type { PhoneFeed } from './phone-feed.ts'
import { instanceView } from './phone-view.ts'
import type { Webhooks } from './webhooks.ts'

/** Moves instances between their states and tells webhooks and pages. */
export type Connections = Readonly<{
  startPairing(instance: EvolutionInstance, wantsPairingCode: boolean): Promise<QrCode>
  markConnecting(instance: EvolutionInstance): void
  /** As while the server boots: known, but not there yet. Nobody is told. */
  markLoading(instance: EvolutionInstance): void
  open(instance: EvolutionInstance): void
  /** The login ends, by logout or on the phone. */
  logOut(instance: EvolutionInstance): void
  /** The socket breaks and comes back by itself a moment later; like the real server, without a close event. */
  loseSocket(instance: EvolutionInstance): void
}>

const RECONNECT_MS = 400
const LOGGED_OUT = 401

export function createConnections(o: {
  webhooks: Webhooks
  feed: PhoneFeed
  timeScale: number
  serverUrl(): string
  onChange(): void
}): Connections {
  const reconnects = new WeakMap<EvolutionInstance, NodeJS.Timeout>()

  return {
    markConnecting,
    open,
    markLoading(instance) {
      clearTimeout(reconnects.get(instance))
      instance.connection = 'loading'
      changed(instance)
    },
    async startPairing(instance, wantsPairingCode) {
      markConnecting(instance)
      const link = `${o.serverUrl()}/phone?instance=${encodeURIComponent(instance.name)}`
      const qrCode = {
        pairingCode: wantsPairingCode ? newPairingCode() : null,
        code: `2@${randomBytes(96).toString('base64')}`,
        base64: await toDataURL(link, { margin: 2, scale: 6 }),
        count: (instance.qrCode?.count ?? 0) + 1,
      }
      // It may have been opened or deleted while the picture was drawn.
      if (instance.connection !== 'connecting') return qrCode
      instance.qrCode = qrCode
      const { pairingCode, code, base64 } = qrCode
      o.webhooks.emit(instance, 'qrcode.updated', { qrcode: { instance: instance.name, pairingCode, code, base64 } })
      changed(instance)
      return qrCode
    },
    logOut(instance) {
      clearTimeout(reconnects.get(instance))
      const at = new Date().toISOString()
      instance.disconnection = {
        at,
        reasonCode: LOGGED_OUT,
        object: JSON.stringify({ error: { data: { tag: 'stream:error' } }, date: at }),
      }
      instance.connection = 'close'
      instance.qrCode = undefined
      o.webhooks.emit(instance, 'status.instance', {
        instance: instance.name,
        status: 'closed',
        disconnectionAt: at,
        disconnectionReasonCode: LOGGED_OUT,
        disconnectionObject: instance.disconnection.object,
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

  function changed(instance: EvolutionInstance): void {
    instance.updatedAt = new Date().toISOString()
    o.feed.publish({ kind: 'instance', instance: instanceView(instance) })
    o.onChange()
  }
}

export const PROFILE_NAME = 'Sandbox'

/** Eight characters without those that look alike. */
function newPairingCode(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTVWXYZ123456789'
  return Array.from(randomBytes(8), (byte) => letters[byte % letters.length]).join('')
}
