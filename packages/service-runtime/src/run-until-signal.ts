import type { Logger } from './logger.ts'

type ProcessLike = Readonly<{
  on(event: string, listener: (...args: unknown[]) => void): unknown
  exit(code: number): void
}>

/**
 * The life of a process: start, wait for SIGTERM or SIGINT, stop, exit 0; exit 1 when anything fails. The same signal
 * once more ends the process at once, with 1.
 */
export async function runUntilSignal(
  service: Readonly<{ start(): Promise<void>; stop(): Promise<void> }>,
  logger: Logger,
  host: ProcessLike = process,
): Promise<void> {
  const signalled = firstSignal(host, logger)
  host.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'uncaught error')
    host.exit(1)
  })
  try {
    await Promise.race([service.start().then(() => logger.info('service started')), signalled])
    logger.info({ signal: await signalled }, 'service stopping')
    await service.stop()
    logger.info('service stopped')
    host.exit(0)
  } catch (err) {
    logger.fatal({ err }, 'service failed')
    host.exit(1)
  }
}

/** npm passes on a Ctrl-C that the terminal has sent to us as well: two signals for one key. */
const ECHO_MS = 500

function firstSignal(host: ProcessLike, logger: Logger): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT']) {
    let firstAt: number | undefined
    host.on(signal, () => {
      firstAt ??= performance.now()
      resolve(signal)
      if (performance.now() - firstAt <= ECHO_MS) return
      logger.warn({ signal }, 'service killed while stopping')
      host.exit(1)
    })
  }
  return promise
}
