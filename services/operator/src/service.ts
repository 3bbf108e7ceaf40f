import { randomUUID } from 'node:crypto'
import { createLifecycle, createProbeServer, createRegistry, type Logger } from '@whatsapp-sender/service-runtime'
import { applyDefinitions } from './apply-definitions.ts'
import type { OperatorConfig } from './config.ts'
import { createOperatorEvents } from './events.ts'
import { createInstances } from './instances/create-instances.ts'
import { createCluster } from './kubernetes/cluster.ts'
import type { ReadCredentials } from './kubernetes/credentials.ts'
import { createEventRecorder } from './kubernetes/event-recorder.ts'
import { createFencedCluster } from './kubernetes/fenced-cluster.ts'
import { createLeaderElection } from './kubernetes/leader-election.ts'
import { createSenders } from './senders/create-senders.ts'

/** A renewal that hangs longer than this is tried again within the deadline. */
const LEASE_REQUEST_TIMEOUT_MS = 4000
const STOP_TIMEOUT_MS = 25_000
const DEFINITIONS_AGAIN_MS = 5000

/** Builds the whole operator once; nothing runs before `start`. */
export function createService(
  config: OperatorConfig,
  { logger, readCredentials }: Readonly<{ logger: Logger; readCredentials: ReadCredentials }>,
) {
  const fatal = Promise.withResolvers<string>()
  const registry = createRegistry({ service: 'operator' })
  const events = createOperatorEvents(logger, registry)
  const cluster = createCluster({ readCredentials })
  const leaseCluster = createCluster({ readCredentials, requestTimeoutMs: LEASE_REQUEST_TIMEOUT_MS })
  const election = createLeaderElection({
    cluster: leaseCluster,
    lease: config.lease,
    identity: `${config.podName}_${randomUUID()}`,
    onLost: () => {
      events.leading(false)
      fatal.resolve('The lease is lost: somebody else may lead by now')
    },
    onError: events.failed,
  })
  const mayWrite = config.lease.isWanted ? election.isLeader : () => true
  const writer = createFencedCluster(cluster, mayWrite)
  const recorder = createEventRecorder({ cluster: writer, onError: events.failed })
  const { watchNamespace: namespace, resyncMs, workers, apiUrlOf } = config
  const common = { cluster, writer, namespace, resyncMs, workers, recorder, events }
  const senders = createSenders(common)
  const instances = createInstances({ ...common, apiUrlOf })
  events.watchQueue('sender', senders.queue)
  events.watchQueue('instance', instances.queue)
  events.watchQueue('pairing', instances.pairingQueue)
  events.watchInformers(senders.informers)
  events.watchInformers(instances.informers)
  events.watchPhones(instances.phones)

  let again: NodeJS.Timeout | undefined
  async function lead(): Promise<void> {
    try {
      if (config.managesCrds) await applyDefinitions(writer)
      senders.lead()
      instances.lead()
    } catch (error) {
      events.failed(error)
      if (!lifecycle.isStopping()) again = setTimeout(() => void lead(), DEFINITIONS_AGAIN_MS)
    }
  }

  const probes = createProbeServer({
    host: config.runtime.host,
    port: config.runtime.metricsPort,
    registry,
    isStarted: () => lifecycle.isStarted(),
    isStopping: () => lifecycle.isStopping(),
    readiness: () => {
      const resources = senders.hasSynced() && instances.hasSynced() ? 'ok' : 'not read yet'
      return { ready: resources === 'ok', checks: { resources } }
    },
  })
  const lifecycle = createLifecycle({
    logger,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    parts: [
      probes,
      { name: 'connections', stop: async () => void (await Promise.all([cluster.close(), leaseCluster.close()])) },
      {
        name: 'leader election',
        start: async () => {
          if (config.lease.isWanted) election.start()
          void (config.lease.isWanted ? election.elected : Promise.resolve()).then(() => {
            events.leading(true)
            return lead()
          })
        },
        stop: election.stop,
      },
      { name: 'events', stop: recorder.stop },
      { name: 'senders', start: async () => senders.warm(), stop: senders.stop },
      { name: 'instances', start: async () => instances.warm(), stop: instances.stop },
      { name: 'definitions', stop: async () => clearTimeout(again) },
    ],
  })
  return { ...lifecycle, fatal: fatal.promise, metricsAddress: probes.address }
}
