import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import type { ISocketFactoryArgs } from 'kafkajs'
import { createWholeFrames } from './whole-frames.ts'

const KEEP_ALIVE_MS = 60_000

/**
 * A connection to a broker that hands kafkajs whole responses only. kafkajs (2.2.4, src/network/connection.js) keeps a
 * response that broke off with its connection, and reads what the next connection brings as the rest of it: from then on
 * nothing that comes is understood, until the process ends.
 */
export function createKafkaSocket(
  { host, port, ssl, onConnect }: ISocketFactoryArgs,
  onTls: (socket: TLSSocket) => void = () => {},
): Socket {
  // kafkajs' types promise options; without TLS there are none.
  const tls: ISocketFactoryArgs['ssl'] | undefined = ssl
  const socket = tls
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls }, onConnect)
    : connect({ host, port }, onConnect)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  if (socket instanceof TLSSocket) onTls(socket)
  return withWholeFrames(socket)
}

function withWholeFrames(socket: Socket): Socket {
  const emit = socket.emit.bind(socket)
  const take = createWholeFrames()
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [piece] = args
    if (event !== 'data' || !Buffer.isBuffer(piece)) return emit(event, ...args)
    try {
      const frames = take(piece)
      return frames === undefined || emit('data', frames)
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined)
      return true
    }
  }
  return socket
}
