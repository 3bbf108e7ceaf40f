import { ALERT_GROUPS } from './alerts.ts'
import { runbookOf } from './runbooks.ts'

/** The alerts as Prometheus takes them, in a file of rules and in a PrometheusRule alike. */
export type RuleGroup = Readonly<{
  name: string
  rules: readonly Readonly<{
    alert: string
    expr: string
    for: string
    labels: Readonly<Record<string, string>>
    annotations: Readonly<Record<string, string>>
  }>[]
}>

/** @param runbookUrl as `runbookOf` takes it */
export function ruleGroups(runbookUrl?: string): readonly RuleGroup[] {
  return Object.entries(ALERT_GROUPS).map(([name, alerts]) => ({
    name,
    rules: alerts.map(({ name: alert, expr, for: duration, severity, summary }) => ({
      alert,
      expr,
      for: duration,
      labels: { severity },
      annotations: { summary, runbook_url: runbookOf(alert, runbookUrl) },
    })),
  }))
}
