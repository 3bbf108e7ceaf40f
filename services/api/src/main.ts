import { ConfigError, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { loadConfig } from './config.ts'
import { createApiLogger, createService } from './service.ts'

try {
  const config = loadConfig(process.env)
  const logger = createApiLogger(config)
  await runUntilSignal(await createService(config, { logger }), logger)
} catch (err) {
  if (!(err instanceof ConfigError)) throw err
  console.error(err.message)
  process.exitCode = 1
}
