import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import type { Installation } from '../system/installation.ts'
import { type RunningApi, startConsumer } from '../system/programs.ts'
import { logIn } from '../system/rest-client.ts'
import type { Accepted } from './account.ts'
import { PROGRAMME } from './programme.ts'
import type { Way } from './way.ts'

const MessageAccepted = z.object({ id: z.string() })
const MessageView = z.object({
  status: z.string(),
  attempts: z.array(z.object({ error: z.object({ code: z.string() }).optional() })),
})

/** The waits of the sandbox are a hundredth of the real ones, so ours that answer to them are shorter as well. */
const CONSUMER_ENV = {
  PACE_DEFAULT_PER_MINUTE: String(PROGRAMME.pacePerMinute),
  PACE_DEFAULT_BURST: String(PROGRAMME.paceBurst),
  KAFKA_SESSION_TIMEOUT_MS: '10000',
  AMBIGUOUS_SETTLE_MS: '3000',
  RETRY_CAP_MS: '2000',
}

/** This system, used over HTTP as any caller would. */
export async function startOurWay(installation: Installation, api: RunningApi, run: string): Promise<Way> {
  const admin = await until('the admin can log in', () => logIn(api.url, api.admin).catch(() => undefined))
  const instances = Array.from({ length: PROGRAMME.instances }, (_, n) => `shop-${run}-${n}`)
  for (const name of instances) await admin.call('POST', '/v1/instances', { name }, 201)
  const ids = new Map<string, string>()
  const rows = installation.store.db.collection('messages')
  return {
    instances,
    startSender: () => startConsumer(installation, CONSUMER_ENV),
    accept: async ({ instance, to, text }) => {
      const answer = await admin.call('POST', '/v1/messages', { instance, to, text }, 202)
      ids.set(text, MessageAccepted.parse(answer).id)
      return true
    },
    untilQuiet: async () => {
      await until(
        'every message has ended',
        async () => {
          const ended = await rows.countDocuments({ instance: { $in: instances }, open: { $exists: false } })
          return ended === ids.size ? true : undefined
        },
        { timeoutMs: 180_000, everyMs: 500 },
      )
    },
    endOf: async ({ text, isReachable }) => {
      const response = await fetch(`${api.url}/v1/messages/${ids.get(text)}`, {
        headers: { authorization: `Bearer ${admin.token}` },
      })
      const view: unknown = await response.json()
      const end = endIn(MessageView.parse(view))
      if (isReachable && end !== 'left') console.log(`did not leave: ${JSON.stringify(view)}`)
      return end
    },
    stop: async () => {},
  }
}

/** Only an end with its reason counts as an account. */
function endIn({ status, attempts }: z.infer<typeof MessageView>): Accepted['end'] {
  if (['sent', 'delivered', 'read'].includes(status)) return 'left'
  const hasReason = attempts.at(-1)?.error !== undefined
  return ['failed', 'dead-lettered'].includes(status) && hasReason ? 'did-not-leave' : 'nobody-knows'
}
