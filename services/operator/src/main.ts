import { createLogger, endFailedStart, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { loadConfig } from './config.ts'
import { chooseCredentials } from './kubernetes/credentials.ts'
import { createService } from './service.ts'

try {
  const config = loadConfig(process.env)
  const logger = createLogger({
    service: 'operator',
    level: config.runtime.logLevel,
    logDir: config.runtime.logDir,
    logFile: 'operator.log',
  })
  await runUntilSignal(createService(config, { logger, readCredentials: chooseCredentials(process.env) }), logger)
} catch (error) {
  endFailedStart('operator', error)
}
