import { createLogger, endFailedStart, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { loadConfig } from './config.ts'
import { createService } from './service.ts'

try {
  const config = loadConfig(process.env)
  const logger = createLogger({
    service: 'consumer',
    level: config.runtime.logLevel,
    logDir: config.runtime.logDir,
    logFile: 'consumer.log',
    secretKey: config.secretKeys.newest,
  })
  await runUntilSignal(await createService(config, { logger }), logger)
} catch (error) {
  endFailedStart('consumer', error)
}
