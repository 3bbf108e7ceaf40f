import { createLoop, type Logger, type Part } from '@whatsapp-sender/service-runtime'
import type { Store } from '@whatsapp-sender/store'
import type { Registry } from 'prom-client'
import type { Clock } from '../dispatch/clock.ts'
import type { EventsProducer } from '../kafka/events-producer.ts'
import { createCopyEvents } from './copy-events.ts'
import { createNotifyEvents } from './notify-events.ts'
import { createPublishEvents } from './publish-events.ts'

/**
 * What became of messages and instances goes from their rows to the events, and from there to the topic. One process is
 * enough for it, and two at once, as while a partition changes hands, do no harm: events keep their order and may come
 * twice.
 */
export function createNotify({
  store,
  producer,
  clock,
  isActive,
  onEvents,
  logger,
  registry,
}: Readonly<{
  store: Pick<Store, 'ledger' | 'instances' | 'events'>
  producer: EventsProducer
  clock: Pick<Clock, 'monotonic' | 'storeNow'>
  isActive(): boolean
  /** There are new events to read. */
  onEvents(): void
  logger: Logger
  registry: Registry
}>): Part & Readonly<{ expect(): void }> {
  const ageSeconds = ({ at }: Readonly<{ at: string }>) => (clock.storeNow() - Date.parse(at)) / 1000
  const said = createNotifyEvents(logger, registry, {
    waiting: () => publishing.unpublished(),
    oldestSeconds: () => {
      const oldest = publishing.waiting()
      return oldest === undefined ? 0 : Math.max(0, ageSeconds(oldest))
    },
  })
  const publishing = createPublishEvents({
    events: store.events,
    producer,
    isActive,
    onPublished: (page) => said.published(page.map(({ event }) => ageSeconds(event))),
    onMissed: said.missed,
  })
  const copying = createCopyEvents({
    outboxes: [store.ledger, store.instances],
    events: store.events,
    isActive,
    clock,
    onCopied: (head) => {
      publishing.noteHead(head)
      publishLoop.poke()
      onEvents()
    },
  })
  const copyLoop = createLoop({ step: copying.step, onError: said.failed })
  const publishLoop = createLoop({ step: publishing.step, onError: said.failed })
  return {
    name: 'message events',
    /** There is something to tell, as this process knows: the first after a silence is not kept waiting. */
    expect: () => {
      if (copying.isIdle()) copyLoop.poke()
    },
    start: async () => {
      copyLoop.start()
      publishLoop.start()
    },
    stop: async () => {
      await Promise.all([copyLoop.stop(), publishLoop.stop()])
      await producer.retire()
    },
  }
}
