import type { Gateway } from '../system/gateway.ts'
import { startProgram } from '../system/programs.ts'
import type { DrainParts } from './measure-drain.ts'
import { perSecondOf } from './per-second.ts'

/** Messages per second of the sequential consumer, on the topic and the gateway that ours had. */
export async function measureSequential(
  { installation, gateway }: DrainParts,
  { messages, partitionsAtOnce }: Readonly<{ messages: number; partitionsAtOnce: number }>,
): Promise<number> {
  const { env, names, gatewayUrl, brokers } = installation
  const before = await gateway.stats()
  const consumer = await startProgram(installation, {
    name: `sequential-${partitionsAtOnce}`,
    role: 'system',
    args: [
      ...['bench/main.ts', 'sequential-consumer', brokers.join(','), names.messages, gatewayUrl],
      ...[env['AUTHENTICATION_API_KEY'] ?? '', String(messages), String(partitionsAtOnce)],
    ],
    env,
    isReady: async () => (await gateway.stats()).requests > before.requests,
  })
  const { code } = await consumer.exited
  if (code !== 0) throw new Error(`the sequential consumer failed: ${await consumer.lastLines(15)}`)
  return perSecondOf(await settled(gateway, before.requests, messages))
}

/** The calls that were open when the last message was begun count, too. */
async function settled(gateway: Gateway, since: number, messages: number) {
  return (await gateway.requestsSince(since)).slice(0, messages)
}
