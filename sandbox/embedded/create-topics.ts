import { ConfigError, createLogger, envInteger, parseEnv, runtimeEnv } from '@whatsapp-sender/service-runtime'
import { kafkaConfigOf, kafkaEnv } from '@whatsapp-sender/service-runtime/kafka'
import { z } from 'zod'
import { createProjectTopics } from './topics.ts'

const Env = z.object({
  ...kafkaEnv,
  LOG_LEVEL: runtimeEnv.LOG_LEVEL,
  TOPIC_PARTITIONS: envInteger({ min: 1, max: 1000 }).optional(),
})

// Makes the project's topics on the cluster that the environment names, and ends. The services themselves never create
// one: they need no right to.
try {
  const env = parseEnv(Env, process.env)
  const config = kafkaConfigOf(env)
  await createProjectTopics(config, env.TOPIC_PARTITIONS)
  createLogger({ service: 'topics', level: env.LOG_LEVEL }).info({ brokers: config.brokers }, 'topics exist')
} catch (error) {
  if (!isForeseeable(error)) throw error
  console.error(error.message)
  process.exitCode = 1
}

/** Settings that make no sense, or a broker that is not there, does not know us or does not let us. */
function isForeseeable(error: unknown): error is Error {
  return error instanceof ConfigError || (error instanceof Error && error.name.startsWith('KafkaJS'))
}
