import { bodyHashOf, type Country, type MessageRecord, messageIdFor, parsePhoneNumber } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import type { KafkaMessage } from 'kafkajs'
import { z } from 'zod'

const OldRecord = z.object({
  instance: z.string(),
  recipient_number: z.string(),
  message: z.string().min(1).max(4096),
})

/**
 * Reads `{instance, recipient_number, message}` as the system before this one wrote it. The message belongs to the owner
 * of the instance; its id comes from its place in the topic, so reading it again makes no second message.
 */
export function decodeOldRecord(
  message: KafkaMessage,
  {
    topic,
    partition,
    instanceOf,
    defaultCountry,
  }: Readonly<{
    topic: string
    partition: number
    instanceOf(name: string): Instance | undefined
    defaultCountry: Country
  }>,
): MessageRecord | undefined {
  const old = OldRecord.safeParse(jsonOf(message.value))
  if (!old.success) return undefined
  const instance = instanceOf(old.data.instance)
  const to = parsePhoneNumber(old.data.recipient_number, defaultCountry)
  if (instance === undefined || to === undefined) return undefined
  const body = {
    instance: instance.name,
    to,
    type: 'text',
    content: { text: old.data.message },
    onAmbiguous: 'resend',
    priority: 'normal',
  } as const
  return {
    ...body,
    v: 1,
    id: messageIdFor('old-record', `${topic}/${partition}/${message.offset}`),
    user: instance.owner,
    instanceId: instance.id,
    bodyHash: bodyHashOf(body),
    acceptedAt: new Date(Number(message.timestamp)).toISOString(),
  }
}

function jsonOf(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString('utf8') ?? '')
  } catch {
    return undefined
  }
}
