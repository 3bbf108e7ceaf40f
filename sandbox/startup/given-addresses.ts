import { parseEnv } from '@whatsapp-sender/service-runtime'
import { type KafkaConfig, kafkaConfigOf, kafkaEnv } from '@whatsapp-sender/service-runtime/kafka'
import { z } from 'zod'

/** Where the environment says that a server runs already; for the rest the sandbox brings its own. */
export type GivenAddresses = Readonly<{
  kafka: KafkaConfig | undefined
  mongo: string | undefined
  evolution: string | undefined
}>

/** @throws {ConfigError} when the settings of Kafka cannot be used */
export function givenAddresses(env: NodeJS.ProcessEnv): GivenAddresses {
  const givesKafka = env['KAFKA_BROKERS'] !== undefined || env['KAFKA_HOST'] !== undefined
  return {
    kafka: givesKafka ? kafkaConfigOf(parseEnv(z.object(kafkaEnv), env)) : undefined,
    mongo: env['mongo_connection'] ?? env['MONGO_URL'],
    evolution: env['EVOLUTION_API_URL'] ?? env['EVOLUTION_URL'],
  }
}
