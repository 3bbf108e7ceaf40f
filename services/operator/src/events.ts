import { countersOf, createFaultLog, type Logger } from '@whatsapp-sender/service-runtime'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Progress } from './conditions.ts'
import { API_CALLS, type ApiCall } from './instances/sender-api.ts'
import type { Informer } from './kubernetes/informer.ts'
import type { WorkQueue } from './work-queue.ts'

/** What happens in the operator, each said once: logged and counted together. Labels are closed sets. */
export type OperatorEvents = ReturnType<typeof createOperatorEvents>

const CONTROLLERS = ['sender', 'instance', 'pairing'] as const
type Controller = (typeof CONTROLLERS)[number]

export function createOperatorEvents(logger: Logger, registry: Registry) {
  const metrics = createMetrics(registry)
  const faults = createFaultLog(logger)
  return {
    /** Runs one reconcile and notes how long it took and how it ended. */
    timed: async (controller: Controller, run: () => Promise<void>): Promise<void> => {
      const end = metrics.seconds.startTimer({ controller })
      try {
        await run()
        metrics.reconciles.inc({ controller, result: 'done' })
      } catch (error) {
        metrics.reconciles.inc({ controller, result: 'failed' })
        throw error
      } finally {
        end()
      }
    },
    reconcileFailed: (
      controller: Controller,
      key: string,
      { error, ...retry }: Readonly<{ error: unknown; attempts: number; delayMs: number }>,
    ) => logger.warn({ controller, key, err: error, ...retry }, 'a reconcile failed and will be repeated'),
    applied: (applied: number, removed: number) => {
      metrics.applies.inc(applied)
      metrics.removals.inc(removed)
    },
    progress: (key: string, { state, reason, message }: Progress) => {
      const facts = { key, state, reason, detail: message }
      if (state === 'stalled') logger.warn(facts, 'a resource is stalled')
      else logger.info(facts, 'a resource has moved')
    },
    /** `call`: what the API of a sender was asked. */
    apiCalled: (call: ApiCall, result: 'done' | 'refused' | 'failed') => {
      metrics.apiCalls.inc({ call, result })
    },
    instanceReleased: (sender: string, instance: string) =>
      logger.info({ sender, instance }, 'an instance that no resource names was given back to its owner'),
    leading: (isLeader: boolean) => {
      metrics.leader.set(Number(isLeader))
      logger.info({ isLeader }, 'leadership changed')
    },
    failed: (error: unknown) => {
      metrics.errors.inc()
      faults.warn({ err: error }, 'a step failed and will be repeated')
    },
    watchQueue: (controller: Controller, queue: Pick<WorkQueue, 'state'>) => {
      metrics.queues.set(controller, queue)
    },
    watchPhones: (phones: () => ReadonlyMap<string, number>) => {
      metrics.phones.push(phones)
    },
    watchInformers: (informers: () => ReadonlyMap<string, Informer>) => {
      metrics.informers.push(informers)
    },
  }
}

function createMetrics(registry: Registry) {
  const registers = [registry]
  const queues = new Map<Controller, Pick<WorkQueue, 'state'>>()
  const informers: (() => ReadonlyMap<string, Informer>)[] = []
  const phones: (() => ReadonlyMap<string, number>)[] = []
  new Gauge({
    name: 'whatsapp_operator_instances',
    help: 'WhatsAppInstances by the state of their phone: open, connecting, close (for long: somebody has to pair), unknown.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const read of phones) for (const [state, count] of read()) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'whatsapp_operator_queue_keys',
    help: 'Resources in the queue. state: waiting (above 0 for long: too few workers), processing, failing (look at the log).',
    labelNames: ['controller', 'state'],
    registers,
    collect() {
      for (const [controller, queue] of queues) {
        for (const [state, count] of Object.entries(queue.state())) this.set({ controller, state }, count)
      }
    },
  })
  new Gauge({
    name: 'whatsapp_operator_cache_silent_seconds',
    help: 'Since the API server last said anything of a kind; above 180 the cache is behind.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const read of informers) {
        for (const [kind, informer] of read()) this.set({ kind }, informer.state().silentMs / 1000)
      }
    },
  })
  return {
    queues,
    informers,
    phones,
    apiCalls: countersOf(registry, {
      name: 'whatsapp_operator_api_calls_total',
      help: 'Calls of the APIs of WhatsAppSenders. result: done, refused (a person has to change something), failed (rising: the API is away).',
      labels: { call: API_CALLS, result: ['done', 'refused', 'failed'] },
    }),
    seconds: new Histogram({
      name: 'whatsapp_operator_reconcile_duration_seconds',
      help: 'Time of one reconcile; above 5 s the API server is slow.',
      labelNames: ['controller'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    reconciles: countersOf(registry, {
      name: 'whatsapp_operator_reconciles_total',
      help: 'Reconciles. result: done, failed (repeated with a growing pause).',
      labels: { controller: CONTROLLERS, result: ['done', 'failed'] },
    }),
    applies: new Counter({
      name: 'whatsapp_operator_applies_total',
      help: 'Objects sent to the API server, whether they changed by it or not.',
      registers,
    }),
    removals: new Counter({
      name: 'whatsapp_operator_removals_total',
      help: 'Objects removed because nothing asks for them any more.',
      registers,
    }),
    leader: new Gauge({
      name: 'whatsapp_operator_leader',
      help: '1 in the process that writes. The sum over all must be 1; 0 for long: nobody writes.',
      registers,
    }),
    errors: new Counter({
      name: 'whatsapp_operator_errors_total',
      help: 'Steps that failed and are repeated; rising: look at the API server.',
      registers,
    }),
  }
}
