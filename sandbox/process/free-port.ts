import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { reservePort } from './port-reservation.ts'

const PORTS_TRIED = 100
/**
 * Below those that systems give to outgoing connections (Linux from 32768 on, others from 49152): one of these took a port
 * between our look and the bind.
 */
const ANY_FROM = 20_000
const ANY_TO = 27_000
const ANY_TRIED = 1000
/** By this process, which may not have bound them yet. */
const given = new Set<number>()

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
  for (let tried = 0; tried < ANY_TRIED; tried += 1) {
    const port = randomInt(ANY_FROM, ANY_TO)
    if (given.has(port) || except.includes(port)) continue
    given.add(port)
    if ((await isPortFree(port)) && (await reservePort(port))) return port
  }
  throw new Error(`No port from ${ANY_FROM} to ${ANY_TO} is free on 127.0.0.1`)
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
