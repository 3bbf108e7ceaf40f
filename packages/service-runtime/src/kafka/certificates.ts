import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { Gauge, type Registry } from 'prom-client'

/** Whose certificate: the authorities that this process trusts, or the broker it connected to last. */
type Holder = 'kafka-authority' | 'kafka-broker'

/** Until when what secures the connections to Kafka is valid. */
export type Certificates = Readonly<{
  /** @param pem the authorities that are trusted */
  trusted(pem: string): void
  /** The certificate of the broker, as soon as it has shown it. */
  watch(socket: TLSSocket): void
}>

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Without TLS nothing is told. */
export function createCertificates(registry: Registry, now: () => number = Date.now): Certificates {
  const ends = new Map<Holder, number>()
  new Gauge({
    name: 'whatsapp_certificate_expiry_seconds',
    help: 'Until a certificate ends; below 0: it has. of: kafka-authority (the last of those in the file), kafka-broker (the one connected to last). Without TLS there is none.',
    labelNames: ['of'],
    registers: [registry],
    collect() {
      for (const [of, end] of ends) this.set({ of }, (end - now()) / 1000)
    },
  })
  return {
    trusted: (pem) => {
      const all = [...pem.matchAll(PEM_BLOCK)].flatMap(([block]) => endOf(block) ?? [])
      if (all.length > 0) ends.set('kafka-authority', Math.max(...all))
    },
    watch: (socket) => {
      socket.once('secureConnect', () => {
        const end = Date.parse(socket.getPeerCertificate().valid_to)
        if (Number.isFinite(end)) ends.set('kafka-broker', end)
      })
    },
  }
}

/** ms since the epoch; undefined where it cannot be read: connecting tells what is wrong with it. */
function endOf(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo)
  } catch {
    return undefined
  }
}
