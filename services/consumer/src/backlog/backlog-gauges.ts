import { gaugeOf } from '@whatsapp-sender/service-runtime'
import { Gauge, type Registry } from 'prom-client'
import type { Backlog } from './backlog-of.ts'

/** @param o.backlog what was counted last; undefined: another process counts, or it cannot be done */
export function createBacklogGauges(
  registry: Registry,
  { backlog, storeNow }: Readonly<{ backlog(): Backlog | undefined; storeNow(): number }>,
): void {
  const registers = [registry]
  new Gauge({
    name: 'whatsapp_messages',
    help: 'Unfinished messages in the database, told by the one consumer that counts. status: scheduled, queued, sending, uncounted (what is beyond 100,000).',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset()
      for (const [status, count] of Object.entries(backlog()?.unfinished ?? {})) this.set({ status }, count)
    },
  })
  new Gauge({
    name: 'whatsapp_messages_waiting',
    help: 'Unfinished messages that wait, of the first 100,000. reason: schedule, retry, paused, instance (not connected), turn (pace and caps, a message before it, a slot).',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(backlog()?.waiting ?? {})) this.set({ reason }, count)
    },
  })
  gaugeOf(
    registry,
    'whatsapp_oldest_turn_seconds',
    'For how long the first message that waits for its turn could have gone but for its pace; hours: more was accepted than the paces let go.',
    () => {
      const counted = backlog()
      if (counted === undefined) return undefined
      return counted.oldestTurnAt === undefined ? 0 : Math.max(0, storeNow() - counted.oldestTurnAt.getTime()) / 1000
    },
  )
  gaugeOf(
    registry,
    'whatsapp_dead_letters',
    'Messages that ended and ask for a decision, 10,000 at most; GET /v1/dead-letters lists them.',
    () => backlog()?.deadLetters,
  )
  gaugeOf(
    registry,
    'whatsapp_messages_kept',
    'All messages in the database, ended ones included until their retention is over; the disk grows with them.',
    () => backlog()?.kept,
  )
}
