import { endFailedStart, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { loadConfig } from './config.ts'
import { createApiLogger, createService } from './service.ts'

try {
  const config = loadConfig(process.env)
  const logger = createApiLogger(config)
  await runUntilSignal(await createService(config, { logger }), logger)
} catch (err) {
  endFailedStart('api', err)
}
