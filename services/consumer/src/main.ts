import { ConfigError, createLogger, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { loadConfig } from './config.ts'
import { createService } from './service.ts'

try {
  const config = loadConfig(process.env)
  const logger = createLogger({
    service: 'consumer',
    level: config.runtime.logLevel,
    logDir: config.runtime.logDir,
    logFile: 'consumer.log',
  })
  const service = await createService(config, {
    logger,
    onFatal: (reason) => {
      logger.fatal({ reason }, 'consumer cannot go on')
      process.exit(1)
    },
  })
  await runUntilSignal(service, logger)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
