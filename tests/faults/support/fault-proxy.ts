import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createFlow, type Flow, type Trouble } from './flow.ts'

/** What happens on the way; each direction by itself, `{}` calls it off. */
export type Troubles = Readonly<{
  toServer?: Trouble
  toClient?: Trouble
  /** New connections are reset at once. */
  refuses?: boolean
}>

/** A way to a server that can be spoilt while it is used. Toxiproxy's toxics, and loss in one direction. */
export type FaultProxy = Readonly<{
  port: number
  address: string
  /** Replaces what was ordered before, also for connections that are open. */
  order(troubles: Troubles): void
  /** Resets every open connection; answers how many there were. */
  resetAll(): number
  open(): number
  /** Bytes passed on so far. */
  passed(): Readonly<{ toServer: number; toClient: number }>
  pointAt(port: number): void
  close(): Promise<void>
}>

type Line = Readonly<{ client: Socket; server: Socket; flows: Readonly<Record<Direction, Flow>> }>
type Direction = 'toServer' | 'toClient'

/** Listens on 127.0.0.1; `target` is a port there and may be named later by `pointAt`.
 * `listenOn`: a port that was listened on before and closed; default any. */
export async function startFaultProxy(target?: number, listenOn = 0): Promise<FaultProxy> {
  const lines = new Set<Line>()
  const passed = { toServer: 0, toClient: 0 }
  let troubles: Troubles = {}
  let port = target

  const join = (client: Socket): void => {
    if (troubles.refuses === true || port === undefined) {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const reset = (): void => {
      lines.delete(line)
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    const flowOf = (from: Socket, to: Socket, direction: Direction): Flow =>
      createFlow({
        from,
        to,
        reset,
        trouble: troubles[direction] ?? {},
        onPassed: (bytes) => {
          passed[direction] += bytes
        },
        onUnanswered: () => line.flows.toClient.order({ lost: 'vanishes' }),
      })
    const line: Line = {
      client,
      server,
      flows: { toServer: flowOf(client, server, 'toServer'), toClient: flowOf(server, client, 'toClient') },
    }
    lines.add(line)
    for (const socket of [client, server]) {
      socket.on('error', reset)
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) lines.delete(line)
      })
    }
  }

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, join).listen(listenOn, '127.0.0.1')
  await once(listener, 'listening')
  const listening = listener.address()
  if (listening === null || typeof listening === 'string') throw new Error('the proxy has no port')

  const resetAll = (): number => {
    const count = lines.size
    for (const { client, server } of lines) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    lines.clear()
    return count
  }
  return {
    port: listening.port,
    address: `127.0.0.1:${listening.port}`,
    order: (ordered) => {
      troubles = ordered
      for (const { flows } of lines) {
        flows.toServer.order(ordered.toServer ?? {})
        flows.toClient.order(ordered.toClient ?? {})
      }
    },
    resetAll,
    open: () => lines.size,
    passed: () => ({ ...passed }),
    pointAt: (another) => {
      port = another
    },
    close: async () => {
      listener.close()
      resetAll()
      await once(listener, 'close')
    },
  }
}
