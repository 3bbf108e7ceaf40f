import { createLogger, parseEnv, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { createEvolutionSandbox } from './sandbox.ts'
import { sandboxEnv, sandboxOptionsOf } from './sandbox-env.ts'

const env = parseEnv(sandboxEnv, process.env)
const logger = createLogger({ service: 'sandbox-evolution', level: env.LOG_LEVEL })
const sandbox = createEvolutionSandbox(sandboxOptionsOf(env))

await runUntilSignal(
  {
    async start() {
      await sandbox.start()
      logger.info({ url: sandbox.url }, 'sandbox listening')
    },
    stop: () => sandbox.stop(),
  },
  logger,
)
