import { ConfigError } from './config.ts'
import { createLogger } from './logger.ts'

/**
 * Ends a process that could not even be built: faults of its configuration are told in words, anything else is a line of
 * the log. Node itself would print all that hangs on an error, such as an address with its password.
 */
export function endFailedStart(service: string, error: unknown): never {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
  else createLogger({ service, level: 'fatal' }).fatal({ err: error }, 'service failed')
  process.exit(1)
}
