import { DEFAULT_EVOLUTION_SERVER, TOPIC_RETENTION_MS } from '@whatsapp-sender/contract'
import { KEPT_DAYS } from '@whatsapp-sender/store'
import type { Config } from '../config.ts'
import type { RouteTable } from '../http/app.ts'
import type { Parts } from '../parts.ts'
import { readOverviewRoute } from './read-overview.route.ts'
import { createReadOverview } from './read-overview.ts'
import { type Retention, readRetentionRoute } from './read-retention.route.ts'

const DAY_MS = 86_400_000

/** What administrators see of the installation. */
export function administrationRoutes({
  access,
  config,
  store,
  directory,
  evolutionServers,
  readGroupLags,
}: Parts): RouteTable {
  const { authenticate } = access
  const readOverview = createReadOverview({
    countInstances: store.instances.countLive,
    countWaiting: store.ledger.countWaiting,
    listProcesses: store.processes.living,
    listDeadLetters: store.ledger.listDeadLetters,
    readLags: readGroupLags,
    instanceById: directory.byId,
    listServers: () => [
      ...new Set([DEFAULT_EVOLUTION_SERVER, ...evolutionServers.list().servers.map(({ name }) => name)]),
    ],
  })
  const retention = readRetentionRoute({ authenticate, retention: retentionOf(config) })
  return {
    '/v1/admin/overview': { get: [readOverviewRoute({ authenticate, readOverview })] },
    '/v1/admin/retention': { get: [retention] },
  }
}

function retentionOf({ mongo, redactAfterHours }: Config): Retention {
  return {
    ...KEPT_DAYS,
    messages: mongo.retentionDays,
    contentHours: redactAfterHours ?? null,
    undecodable: mongo.retentionDays,
    audit: mongo.auditRetentionDays,
    topics: TOPIC_RETENTION_MS / DAY_MS,
  }
}
