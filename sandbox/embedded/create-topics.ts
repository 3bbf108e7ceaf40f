import { ConfigError, createLogger, parseEnv, runtimeEnv } from '@whatsapp-sender/service-runtime'
import { kafkaConfigOf, kafkaEnv } from '@whatsapp-sender/service-runtime/kafka'
import { z } from 'zod'
import { createProjectTopics } from './topics.ts'

// Makes the project's topics on the cluster that the environment names, and ends. The services themselves never create
// one: they need no right to.
try {
  const env = parseEnv(z.object({ ...kafkaEnv, LOG_LEVEL: runtimeEnv.LOG_LEVEL }), process.env)
  const config = kafkaConfigOf(env)
  await createProjectTopics(config)
  createLogger({ service: 'topics', level: env.LOG_LEVEL }).info({ brokers: config.brokers }, 'topics exist')
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
