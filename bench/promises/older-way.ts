import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { connectKafka, endOffsets } from '../kafka/topic-client.ts'
import type { Gateway } from '../system/gateway.ts'
import type { Installation } from '../system/installation.ts'
import { startProgram } from '../system/programs.ts'
import { PROGRAMME } from './programme.ts'
import type { Way } from './way.ts'

const KEYS = 999
const SILENCE_MS = 2000

/**
 * The older system: records with a random key, a sender that remembers nothing. Better than it was in one thing: the
 * caller is answered after the broker has acknowledged his record, not before.
 */
export async function startOlderWay(installation: Installation, gateway: Gateway, run: string): Promise<Way> {
  const { brokers, gatewayUrl, env } = installation
  const apikey = env['AUTHENTICATION_API_KEY'] ?? ''
  const topic = `older-messages-${run}`
  const groupId = `older-messages-group1-${run}`
  const kafka = connectKafka(brokers)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: PROGRAMME.partitions }] })
  const instances = Array.from({ length: PROGRAMME.instances }, (_, n) => `older-${run}-${n}`)
  for (const name of instances) await createAtGateway({ gatewayUrl, apikey }, name)
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()

  const isGroupStable = async (): Promise<boolean> => {
    const { groups } = await admin.describeGroups([groupId])
    return groups[0]?.state === 'Stable'
  }
  let senders = 0
  return {
    instances,
    startSender: async () => {
      senders += 1
      return await startProgram(installation, {
        name: `older-sender-${run}-${senders}`,
        role: 'system',
        args: ['bench/main.ts', 'older-sender', brokers.join(','), topic, groupId, gatewayUrl, apikey],
        env,
        // One that comes back is not waited for: its predecessor is a member of the group until its session ends.
        isReady: async () => senders > 1 || (await isGroupStable()),
      })
    },
    accept: async ({ instance, to, text }) => {
      const value = JSON.stringify({ instance, recipient_number: to.slice(1), message: text })
      await producer.send({ topic, messages: [{ key: String(Math.floor(Math.random() * KEYS)), value }] })
      return true
    },
    untilQuiet: async () => {
      await until('the older sender has read everything', async () => ((await hasReadAll()) ? true : undefined), {
        everyMs: 500,
      })
      for (let before = -1, now = 0; before !== now; ) {
        before = now
        await wait(SILENCE_MS)
        now = (await gateway.stats()).requests
      }
    },
    endOf: async () => 'nobody-knows',
    stop: async () => {
      await producer.disconnect()
      await admin.disconnect()
    },
  }

  async function hasReadAll(): Promise<boolean> {
    const ends = await endOffsets(kafka, topic)
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] })
    const read = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
    return [...ends].every(([partition, end]) => end === 0n || read.get(partition) === end)
  }
}

async function createAtGateway(
  { gatewayUrl, apikey }: Readonly<{ gatewayUrl: string; apikey: string }>,
  instanceName: string,
): Promise<void> {
  const response = await fetch(`${gatewayUrl}/instance/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey },
    body: JSON.stringify({ instanceName, integration: 'WHATSAPP-BAILEYS' }),
  })
  if (response.status !== 201) throw new Error(`create ${instanceName}: ${response.status} ${await response.text()}`)
  await response.body?.cancel()
}
