/** What Evolution's answer to one send means. Decided once, in `packages/evolution-client`. */
export type DeliveryErrorKind =
  /** Will never work for this message. */
  | 'permanent'
  /** May work later; counts as an attempt. */
  | 'transient'
  /** WhatsApp wants silence; the instance waits, the message loses no attempt. */
  | 'rate-limited'
  /** The instance is not connected; no attempt. */
  | 'instance-down'
  /** The server took no connection, or lacks what it needs to send anything; no attempt. */
  | 'server-down'
  /** It may have been sent. */
  | 'ambiguous'
  /** Our key, URL or instance is wrong; the instance is held, no attempt. */
  | 'configuration'

export type SendFailure = Readonly<{
  kind: DeliveryErrorKind
  /** Stable, kebab-case: `not-on-whatsapp`, `timeout`, … */
  code: string
  /** Masked and cut to 500 characters: safe to store and to show. */
  detail: string
  httpStatus?: number
  retryAfterMs?: number
  /** It tells of the server and not of this message or instance: any other send might have met it. */
  ofServer?: true
}>

export type SendResult =
  | Readonly<{
      kind: 'sent'
      providerMessageId: string
      remoteJid: string | undefined
    }>
  | Readonly<{ kind: 'failed'; failure: SendFailure }>
