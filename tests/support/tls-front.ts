import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { SelfSigned } from './certificates.ts'

/** The way to a server on 127.0.0.1 that speaks in plain text, for those who encrypt and for those who do not. */
export type TlsFront = Readonly<{
  port: number
  /** Shows this certificate from now on; connections that are open end. */
  show(certificate: SelfSigned): void
  stop(): Promise<void>
}>

/** The first byte of whoever wants TLS: a handshake. */
const HANDSHAKE = 0x16

export async function startTlsFront(target: number, certificate: SelfSigned): Promise<TlsFront> {
  let secureContext = createSecureContext(certificate)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => client.destroy())
    client.on('close', () => sockets.delete(client))
    client.once('data', (first: Buffer) => {
      client.pause()
      client.unshift(first)
      join(first[0] === HANDSHAKE ? new TLSSocket(client, { isServer: true, secureContext }) : client)
    })
  }).listen(0, '127.0.0.1')

  function join(client: Socket): void {
    const upstream = connect(target, '127.0.0.1')
    sockets.add(upstream)
    upstream.on('close', () => sockets.delete(upstream))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  }

  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the front has no port')
  const endAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    show: (another) => {
      secureContext = createSecureContext(another)
      endAll()
    },
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      endAll()
      await closed
    },
  }
}
