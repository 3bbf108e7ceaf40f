import { KAFKA_VERSION } from '@whatsapp-sender/sandbox/embedded/kafka/kafka-jars'
import { openStore } from '@whatsapp-sender/store'

export type ServerVersions = Readonly<{ kafka: string; mongo: string }>

/** What the rows ran on; a broker that was given does not tell its version. */
export async function serverVersions(o: Readonly<{ ownKafka: boolean; mongoUrl: string }>): Promise<ServerVersions> {
  const store = await openStore({ url: o.mongoUrl, database: 'admin', appName: 'faults', secretKey: 'x'.repeat(32) })
  try {
    const { version } = await store.db.command({ buildInfo: 1 })
    return { kafka: o.ownKafka ? `Apache Kafka ${KAFKA_VERSION}` : 'the given Kafka', mongo: `MongoDB ${version}` }
  } finally {
    await store.close()
  }
}
