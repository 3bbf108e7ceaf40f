import { api } from './api.ts'
import type { DashboardPlan } from './build-dashboard.ts'
import { consumerAndKafka } from './consumer-and-kafka.ts'
import { instances } from './instances.ts'
import { kubernetes } from './kubernetes.ts'
import { overview } from './overview.ts'

export const DASHBOARDS: readonly DashboardPlan[] = [overview, instances, consumerAndKafka, api, kubernetes]
