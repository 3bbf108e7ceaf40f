import { setTimeout as pause } from 'node:timers/promises'
import type { Part } from '@whatsapp-sender/service-runtime'

export type Mail = Readonly<{ to: string; subject: string; text: string }>

/** Sends mail beside the requests. */
export type Mailer = Part &
  Readonly<{
    /** Waits for nothing and never fails; false: too many wait, and this one is not sent. */
    post(mail: Mail): boolean
  }>

const WAITING_MAX = 100
/** Before each further try. */
const PAUSES_MS: readonly number[] = [2000, 10_000]
const STOP_WITHIN_MS = 5000

/** One connection, which is made when there is something to send. */
export async function createSmtpMailer(o: {
  url: string
  from: string
  onSent(): void
  /** After the last try. */
  onFailed(err: unknown): void
  pausesMs?: readonly number[]
}): Promise<Mailer> {
  const { pausesMs = PAUSES_MS } = o
  // Only where mail is sent: it is one of the largest libraries here.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport(
    {
      url: o.url,
      pool: true,
      maxConnections: 1,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
      // What a mail says comes from outside.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from: o.from },
  )
  const stopping = new AbortController()
  const open = new Set<Promise<void>>()

  async function send(mail: Mail): Promise<void> {
    for (const pauseMs of [...pausesMs, undefined]) {
      try {
        await transport.sendMail(mail)
        return o.onSent()
      } catch (err) {
        if (pauseMs === undefined || stopping.signal.aborted) return o.onFailed(err)
        await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  return {
    name: 'mail',
    post: (mail) => {
      if (open.size >= WAITING_MAX) return false
      const sending = send(mail).finally(() => open.delete(sending))
      open.add(sending)
      return true
    },
    stop: async () => {
      stopping.abort()
      await Promise.race([Promise.all(open), pause(STOP_WITHIN_MS, undefined, { ref: false })])
      transport.close()
    },
  }
}
