import type { Alert } from './alert.ts'
import { CAUSES } from './cause-alerts.ts'
import { OPERATOR } from './operator-alerts.ts'
import { SYMPTOMS } from './symptom-alerts.ts'

/** All alerts by group, symptoms first: those are what to be woken by. */
export const ALERT_GROUPS: Readonly<Record<string, readonly Alert[]>> = {
  'whatsapp-sender.symptoms': SYMPTOMS,
  'whatsapp-sender.causes': CAUSES,
  'whatsapp-sender.operator': OPERATOR,
}
