import type { Instance } from '@whatsapp-sender/store'
import { z } from 'zod'
import { startProgram } from '../system/programs.ts'
import type { BareTarget } from './bare-posts.ts'
import type { DrainParts } from './measure-drain.ts'

/** CPU time of one bare POST to the same gateway with as many open, µs. */
export async function measureBarePosts(
  { installation, gateway, inFlightMax }: Omit<DrainParts, 'gatewayPid' | 'kafka'>,
  fleet: readonly Instance[],
  messages: number,
): Promise<number> {
  const before = await gateway.stats()
  const target: BareTarget = {
    url: installation.gatewayUrl,
    instances: fleet.map(({ name, evolutionToken }) => ({ name, apikey: evolutionToken })),
    messages,
    inFlight: inFlightMax,
    text: 'Olá! Seu pedido saiu para entrega e chega hoje entre 14h e 18h. Qualquer dúvida, é só responder.',
  }
  const posts = await startProgram(installation, {
    name: 'bare-posts',
    role: 'system',
    args: ['bench/main.ts', 'bare-posts', JSON.stringify(target)],
    env: {},
    isReady: async () => (await gateway.stats()).requests > before.requests,
  })
  const { code } = await posts.exited
  const lines = await posts.lastLines(15)
  if (code !== 0) throw new Error(`the bare posts failed: ${lines}`)
  return z.object({ micros: z.number() }).parse(JSON.parse(lines.split('\n').at(-1) ?? '')).micros
}
