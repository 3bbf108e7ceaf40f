import { join } from 'node:path'
import { installKafka } from '@whatsapp-sender/sandbox/embedded/kafka/kafka-installation'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { runFile } from '../../support/kubernetes.ts'
import { BRIDGE } from './node.ts'
import type { Teardown } from './teardown.ts'

const SET_PASSWORD = join(import.meta.dirname, 'SetScramPassword.java')

/** What runs on this machine, for pods to reach. */
export type Servers = Readonly<{
  /** Where Kafka asks nobody for a password. */
  kafka: string
  /** Where clients log in to the same Kafka with SCRAM-SHA-512. */
  kafkaWithLogin: string
  /** Makes a user of Kafka, or gives him another password: who is connected stays so. */
  setKafkaPassword(user: string, password: string): Promise<void>
  mongoUrl: string
  /** Freezes MongoDB: it answers nobody until the function is called that comes back. */
  freezeMongo(): () => void
}>

export async function startServers(teardown: Teardown, folder: string): Promise<Servers> {
  const scramPort = await findFreePort()
  const kafka = await startKafka({ dataDir: join(folder, 'kafka'), host: BRIDGE, scramPort })
  teardown.push(kafka.stop)
  const mongo = await startMongo({ dataDir: join(folder, 'mongo'), host: BRIDGE })
  teardown.push(mongo.stop)
  return {
    kafka: kafka.address,
    kafkaWithLogin: `${BRIDGE}:${scramPort}`,
    async setKafkaPassword(user, password) {
      const { java, jars } = await installKafka(process.env)
      const args = ['-cp', jars.join(':'), SET_PASSWORD, kafka.address, user]
      await runFile(java.file, args, { input: password })
    },
    mongoUrl: mongo.address,
    freezeMongo() {
      process.kill(mongo.pid, 'SIGSTOP')
      return () => void process.kill(mongo.pid, 'SIGCONT')
    },
  }
}
