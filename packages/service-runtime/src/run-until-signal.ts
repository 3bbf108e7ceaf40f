import { createLevelSwitch } from './log-level.ts'
import type { Logger } from './logger.ts'

type ProcessLike = Readonly<{
  on(event: string, listener: (...args: unknown[]) => void): unknown
  exit(code: number): void
}>

type Service = Readonly<{
  start(): Promise<void>
  stop(): Promise<void>
  /** Resolves, if ever, with the reason why only a new process can go on. */
  fatal?: Promise<string>
}>

/**
 * The life of a process: start, wait for SIGTERM or SIGINT, stop, exit 0; exit 1 when anything fails, after an orderly
 * stop when it is the service that says so. The same signal once more ends the process at once, with 1. SIGUSR2 lets it
 * log more for a while.
 */
export async function runUntilSignal(service: Service, logger: Logger, host: ProcessLike = process): Promise<void> {
  const ending = Promise.race([firstSignal(host, logger), fatalEnd(service, logger)])
  host.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'uncaught error')
    host.exit(1)
  })
  host.on('SIGUSR2', createLevelSwitch(logger))
  try {
    await Promise.race([service.start().then(() => logger.info('service started')), ending])
    const { exitCode, ...cause } = await ending
    logger.info(cause, 'service stopping')
    await service.stop()
    logger.info('service stopped')
    host.exit(exitCode)
  } catch (err) {
    logger.fatal({ err }, 'service failed')
    host.exit(1)
  }
}

type Ending = Readonly<{ exitCode: 0 | 1; signal?: string; reason?: string }>

async function fatalEnd({ fatal = NEVER }: Service, logger: Logger): Promise<Ending> {
  const reason = await fatal
  logger.fatal({ reason }, 'service cannot go on')
  return { exitCode: 1, reason }
}

const NEVER = new Promise<never>(() => {})

/** npm passes on a Ctrl-C that the terminal has sent to us as well: two signals for one key. */
const ECHO_MS = 500

function firstSignal(host: ProcessLike, logger: Logger): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>()
  for (const signal of ['SIGTERM', 'SIGINT']) {
    let firstAt: number | undefined
    host.on(signal, () => {
      firstAt ??= performance.now()
      resolve({ exitCode: 0, signal })
      if (performance.now() - firstAt <= ECHO_MS) return
      logger.warn({ signal }, 'service killed while stopping')
      host.exit(1)
    })
  }
  return promise
}
