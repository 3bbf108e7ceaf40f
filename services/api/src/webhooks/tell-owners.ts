import { createLoop, type Part } from '@whatsapp-sender/service-runtime'
import type { User, WebhookEndpoint, WebhookEndpoints } from '@whatsapp-sender/store'
import type { Mail } from '../mail/smtp-mailer.ts'

const LOOK_EVERY_MS = 5000
/** Of what is older nobody is told any more, as when mail is set up later. */
const TOLD_WITHIN_MS = 86_400_000

/**
 * Mails the owner of a webhook that was switched off by us. Any process may do it: the one that takes the notice is the
 * only one, so that nobody is told twice. A process that dies before its mail has left tells nobody.
 */
export function createTellOwners(o: {
  endpoints: Pick<WebhookEndpoints, 'takeNotice' | 'giveNoticeBack'>
  findUser(id: string): Promise<Pick<User, 'email' | 'status'> | undefined>
  post(mail: Mail): boolean
  onFailed(err: unknown): void
}): Part {
  /** Answers the pause until the next look, ms. */
  async function tellNext(): Promise<number> {
    const endpoint = await o.endpoints.takeNotice(new Date(Date.now() - TOLD_WITHIN_MS))
    if (endpoint === undefined) return LOOK_EVERY_MS
    const isTold = await tell(endpoint).catch(async (err: unknown) => {
      await o.endpoints.giveNoticeBack(endpoint)
      throw err
    })
    if (isTold) return 0
    await o.endpoints.giveNoticeBack(endpoint)
    return LOOK_EVERY_MS
  }

  /** False when too many mails wait. */
  async function tell(endpoint: WebhookEndpoint): Promise<boolean> {
    const owner = await o.findUser(endpoint.user)
    if (owner?.status !== 'approved') return true
    return o.post({ to: owner.email, subject: 'Your webhook was switched off', text: textOf(endpoint) })
  }

  const loop = createLoop({ step: tellNext, onError: (err) => o.onFailed(err) })
  return { name: 'webhook notices', start: async () => loop.start(), stop: loop.stop }
}

/** Its host alone: the rest of an address may hold what only its owner should know. */
function textOf({ id, url, description, disabledReason, disabledAt, failingSince }: WebhookEndpoint): string {
  const why =
    disabledReason === 'gone'
      ? 'It answered 410 Gone.'
      : `Since ${failingSince?.toISOString() ?? 'a day ago'} every attempt to reach it has failed.`
  return [
    'WhatsApp Sender has switched one of your webhooks off:',
    '',
    `  ${id}`,
    `  at ${new URL(url).host}`,
    ...(description === undefined ? [] : [`  ${description}`]),
    '',
    why,
    `What has happened since ${disabledAt?.toISOString() ?? 'then'} is not posted.`,
    '',
    `GET /v1/webhooks/${id}/deliveries shows what went wrong.`,
    'When it is mended, switch it on again:',
    `PATCH /v1/webhooks/${id} with {"enabled": true}`,
  ].join('\n')
}
