import type { Logger } from './logger.ts'

const RAISED_FOR_MS = 15 * 60_000

/**
 * Lets a running process say more for a while: `debug`, or `trace` where it says debug anyway. Asked once more, or when
 * the time is over, it is as configured again. Both are said at a level that is written.
 */
export function createLevelSwitch(logger: Logger, raisedForMs = RAISED_FOR_MS): () => void {
  const configured = logger.level
  const raised = configured === 'debug' || configured === 'trace' ? 'trace' : 'debug'
  let timer: NodeJS.Timeout | undefined

  function restore(): void {
    clearTimeout(timer)
    timer = undefined
    logger.info({ logLevel: configured }, 'log level is as configured again')
    logger.level = configured
  }

  return () => {
    if (timer !== undefined) return restore()
    timer = setTimeout(restore, raisedForMs)
    timer.unref()
    logger.level = raised
    logger.info({ logLevel: raised, until: new Date(Date.now() + raisedForMs) }, 'log level raised')
  }
}
