import { findFreePort, isPortFree } from '../process/free-port.ts'
import { reservePort } from '../process/port-reservation.ts'
import { StartError } from './start-error.ts'

/**
 * The port for a service to listen on. One that the user set is his: a taken one is an error. Else the one of the last
 * start, else `fallback`, else the next free one.
 * @throws {StartError}
 */
export async function listenPort(o: {
  variable: string
  env: NodeJS.ProcessEnv
  host: string
  kept: number | undefined
  fallback: number
  /** Given to others that do not listen yet. */
  except: readonly number[]
}): Promise<number> {
  const text = o.env[o.variable]
  if (text === undefined) return findFreePort(o.kept ?? o.fallback, o.except)
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartError(`${o.variable} must be a whole number from 0 to 65535, and is "${text}".`)
  }
  if (port === 0) return findFreePort(undefined, o.except)
  const isOurs = !o.except.includes(port) && (await isPortFree(port, o.host)) && (await reservePort(port))
  if (!isOurs) {
    throw new StartError(`${o.variable}=${port} is taken. Stop what listens there, or set another port.`)
  }
  return port
}
