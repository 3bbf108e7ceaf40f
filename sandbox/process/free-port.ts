import { createServer } from 'node:net'
import { reservePort } from './port-reservation.ts'

const PORTS_TRIED = 100

/**
 * The first free port from `preferred` upwards, or any free one, reserved among our own processes. For others free
 * means free now: whoever binds it later has to be ready to try again.
 */
export async function findFreePort(preferred?: number, except: readonly number[] = []): Promise<number> {
  if (preferred === undefined) return anyFreePort(except)
  const port = await nextFreePort(preferred, async (candidate) => {
    return !except.includes(candidate) && (await isPortFree(candidate)) && reservePort(candidate)
  })
  return port ?? anyFreePort(except)
}

/** Undefined when none of the next hundred is free. */
export async function nextFreePort(
  from: number,
  isFree: (port: number) => Promise<boolean>,
): Promise<number | undefined> {
  for (let port = from; port < from + PORTS_TRIED && port <= 65_535; port++) {
    if (await isFree(port)) return port
  }
  return undefined
}

export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await bind(port, host)) !== undefined
}

async function anyFreePort(except: readonly number[]): Promise<number> {
  for (;;) {
    const port = await bind(0, '127.0.0.1')
    if (port === undefined) throw new Error('The system has no free port on 127.0.0.1')
    if (!except.includes(port) && (await reservePort(port))) return port
  }
}

/** Binds for a moment; the port bound, or undefined when it could not be. */
function bind(port: number, host: string): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const server = createServer()
  server.once('error', () => resolve(undefined))
  server.listen({ port, host, exclusive: true }, () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
  })
  return promise
}
