import { randomBytes } from 'node:crypto'
import { toDataURL } from 'qrcode'
import { type EvolutionInstance, noCodeYet, type QrCode } from './instances.ts'
import type { Surroundings } from './surroundings.ts'
import type { Webhooks } from './webhooks.ts'

/** How long WhatsApp lets a code be scanned: the first one longer than those after it. */
const FIRST_CODE_MS = 60_000
const NEXT_CODE_MS = 20_000
/** However short the test makes the real server's waits, a code can be read before the next one comes. */
const SHORTEST_CODE_MS = 100
const CODES_MAX = 30
/** What a QR code has room for; a name that is longer has to be found on the page. */
const LINK_CHARS_MAX = 2_000
const BAD_SESSION = 500

/** Shows one code after the other until somebody scans, or the limit of codes is reached. */
export function createPairing(o: {
  webhooks: Webhooks
  surroundings: Surroundings
  timeScale: number
  serverUrl(): string
  changed(instance: EvolutionInstance): void
  onLimit(instance: EvolutionInstance): void
}) {
  return { start }

  async function start(instance: EvolutionInstance, wantsPairingCode: boolean): Promise<QrCode | typeof noCodeYet> {
    if (o.surroundings.whatsApp !== 'answers') return noCodeYet
    const code = await newCode(instance, wantsPairingCode, 1)
    // It may have been opened or deleted while the picture was drawn.
    if (instance.connection === 'connecting') show(instance, code)
    return code
  }

  async function newCode(instance: EvolutionInstance, wantsPairingCode: boolean, count: number): Promise<QrCode> {
    return {
      pairingCode: wantsPairingCode ? newPairingCode() : null,
      code: `2@${randomBytes(96).toString('base64')}`,
      base64: await toDataURL(linkTo(instance), { margin: 2, scale: 6 }),
      count,
    }
  }

  function linkTo({ name }: EvolutionInstance): string {
    const page = `${o.serverUrl()}/phone`
    const link = `${page}?instance=${encodeURIComponent(name)}&scan`
    return link.length <= LINK_CHARS_MAX ? link : page
  }

  function show(instance: EvolutionInstance, qrCode: QrCode): void {
    instance.qrCode = qrCode
    const { count, ...told } = qrCode
    o.webhooks.emit(instance, 'qrcode.updated', { qrcode: { instance: instance.name, ...told } })
    o.changed(instance)
    const lifeMs = (count === 1 ? FIRST_CODE_MS : NEXT_CODE_MS) * o.timeScale
    setTimeout(() => void expire(instance, qrCode), Math.max(lifeMs, SHORTEST_CODE_MS)).unref()
  }

  async function expire(instance: EvolutionInstance, qrCode: QrCode): Promise<void> {
    const isStillShown = () => instance.connection === 'connecting' && instance.qrCode === qrCode
    if (!isStillShown()) return
    if (qrCode.count >= CODES_MAX) {
      o.webhooks.emit(instance, 'qrcode.updated', {
        message: 'QR code limit reached, please login again',
        statusCode: BAD_SESSION,
      })
      o.onLimit(instance)
      return
    }
    const next = await newCode(instance, qrCode.pairingCode !== null, qrCode.count + 1)
    if (isStillShown()) show(instance, next)
  }
}

/** Eight characters without those that look alike. */
function newPairingCode(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTVWXYZ123456789'
  return Array.from(randomBytes(8), (byte) => letters[byte % letters.length]).join('')
}
