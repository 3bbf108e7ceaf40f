import { ALERT_GROUPS } from './alerts.ts'
import { runbookPage, runbookUrlOf } from './runbooks.ts'

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

/** @param runbookUrl as `runbookUrlOf` takes it; without it alerts name their page and link to nothing */
export function ruleGroups(runbookUrl?: string): readonly RuleGroup[] {
  return Object.entries(ALERT_GROUPS).map(([name, alerts]) => ({
    name,
    rules: alerts.map(({ name: alert, expr, for: duration, severity, summary }) => ({
      alert,
      expr,
      for: duration,
      labels: { severity },
      annotations: {
        summary,
        runbook: runbookPage(alert),
        ...(runbookUrl !== undefined && { runbook_url: runbookUrlOf(alert, runbookUrl) }),
      },
    })),
  }))
}
