import { createLogger, endFailedStart, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { loadConfig } from './config.ts'
import { createService } from './service.ts'

try {
  const config = loadConfig(process.env)
  const logger = createLogger({
    service: 'canary',
    level: config.runtime.logLevel,
    logDir: config.runtime.logDir,
    logFile: 'canary.log',
  })
  await runUntilSignal(createService(config, { logger }), logger)
} catch (error) {
  endFailedStart('canary', error)
}
