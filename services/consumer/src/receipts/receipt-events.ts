import type { UndecodableReason } from '@whatsapp-sender/contract'
import { counterOf, createFaultLog, type Logger, traceIdOf } from '@whatsapp-sender/service-runtime'
import { Counter, type Registry } from 'prom-client'
import type { ToldRow } from '../outcome-lines.ts'

export type RecordPlace = Readonly<{ topic: string; partition: number; offset: string }>

export type ReceiptEvents = ReturnType<typeof createReceiptEvents>

/** What happens to receipts, each said once: logged and counted together. */
export function createReceiptEvents(logger: Logger, registry: Registry) {
  const faults = createFaultLog(logger)
  const receipts = counterOf(registry, {
    name: 'whatsapp_receipts_total',
    help: 'Receipts from WhatsApp. result: joined, pending (no row had their id yet), dropped (none had it after an hour; many: look at Evolution), undecodable.',
    label: 'result',
    values: ['joined', 'pending', 'dropped', 'undecodable'],
  })
  const stuck = new Counter({
    name: 'whatsapp_messages_stuck_total',
    help: 'Messages that were sent and had no receipt in time; many: look whether events of Evolution arrive.',
    registers: [registry],
  })
  const questions = counterOf(registry, {
    name: 'whatsapp_status_questions_total',
    help: 'Questions to Evolution about stuck messages. result: receipt, nothing (always: it keeps no receipts), failed.',
    label: 'result',
    values: ['receipt', 'nothing', 'failed'],
  })
  return {
    provenLate: ({ id: messageId, instance, traceparent }: ToldRow) => {
      const traceId = traceIdOf(traceparent)
      logger.info(
        { messageId, instance, ...(traceId !== undefined && { traceId }) },
        'message was given up as unknown, and was sent',
      )
    },
    messagesStuck: (count: number) => {
      stuck.inc(count)
      logger.warn({ count }, 'messages were sent, and no receipt has come')
    },
    statusAsked: (result: 'receipt' | 'nothing' | 'failed') => {
      questions.inc({ result })
    },
    receiptsJoined: (count: number) => {
      receipts.inc({ result: 'joined' }, count)
    },
    receiptsPending: (count: number) => {
      receipts.inc({ result: 'pending' }, count)
    },
    receiptsDropped: (count: number) => {
      receipts.inc({ result: 'dropped' }, count)
      logger.info({ count }, 'receipts of messages that are not ours')
    },
    eventUndecodable: (event: RecordPlace & Readonly<{ reason: UndecodableReason }>) => {
      receipts.inc({ result: 'undecodable' })
      faults.warn(event, 'event could not be decoded', event.reason)
    },
    newerEventFound: (event: RecordPlace & Readonly<{ version: number }>) => {
      logger.error(event, 'event of a later version: the partition waits for a newer consumer')
    },
    newRecipientsPaused: (instanceId: string, until: Date) => {
      logger.warn({ instanceId, until }, 'WhatsApp refused a new recipient: others have to wait')
    },
    receiptsDelayed: (error: unknown) => {
      faults.warn({ err: error }, 'receipts wait and will be tried again')
    },
    receiptsConsumerCrashed: (error: unknown) => {
      logger.error({ err: error }, 'receipts consumer has stopped for good')
    },
  }
}
