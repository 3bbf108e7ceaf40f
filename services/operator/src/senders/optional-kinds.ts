import type { Verdict } from '../conditions.ts'
import type { Kind } from './children.ts'

/** Groups of kinds that show how a sender does, and that it works without. */
const MONITORING_GROUPS = new Set(['monitoring.coreos.com', 'grafana.integreatly.org'])
export const MONITORING_CONDITION = 'MonitoringAvailable'

export function isOptional({ apiVersion }: Kind): boolean {
  return MONITORING_GROUPS.has(apiVersion.split('/', 1)[0] ?? '')
}

/** Whether the cluster takes the monitors that are asked for. */
export function judgeMonitoring(desired: readonly Kind[], missing: readonly Kind[]): Verdict {
  const verdict = { type: MONITORING_CONDITION, status: 'True' } as const
  if (!desired.some(isOptional)) {
    return { ...verdict, reason: 'NotAskedFor', message: 'No monitors are asked for.' }
  }
  const lacking = missing.filter(isOptional)
  if (lacking.length === 0) return { ...verdict, reason: 'Available', message: 'Monitors are applied.' }
  const kinds = lacking.map(({ kind, apiVersion }) => `${kind} of ${apiVersion}`).join(', ')
  const message = `Not applied, for the cluster does not know them: ${kinds}. All else is.`
  return { ...verdict, status: 'False', reason: 'KindMissing', message }
}
