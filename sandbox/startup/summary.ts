import type { ReadySystem } from './ready-file.ts'

/** What the terminal shows when everything runs. */
export function summaryOf(system: ReadySystem, o: { firstMessage: FirstMessage; logs: string }): string {
  const rows: readonly (readonly [string, string])[] = [
    ['API', system.api],
    ['Phone page', system.evolution],
    ['API metrics', `${system.apiMetrics}/metrics`],
    ['Consumer metrics', `${system.consumerMetrics}/metrics`],
    ...(system.canaryMetrics === undefined ? [] : [['Canary metrics', `${system.canaryMetrics}/metrics`] as const]),
    ...observedRows(system),
    ['Kafka', system.kafka],
    ['MongoDB', hidePassword(system.mongo)],
    ['Logs', o.logs],
    ['Admin', system.admin.email],
    ['Password', system.admin.password],
  ]
  const table = rows.map(([name, value]) => `  ${name.padEnd(18)}${value}`).join('\n')
  return `\n${table}\n\n${invitation(system, o.firstMessage)}\n\nCtrl-C stops everything; the data stay. npm run reset forgets them.\n`
}

/** What a Prometheus shows by itself, and what a Grafana would. */
function observedRows({ prometheus }: ReadySystem): readonly (readonly [string, string])[] {
  if (prometheus === undefined) return []
  return [
    ['Prometheus', prometheus],
    ['Alerts', `${prometheus}/alerts`],
    ['Dashboards', 'infra/dashboards/json, for the import of a Grafana'],
  ]
}

/** The instance that the first message can leave from, or why there is none. */
export type FirstMessage =
  | Readonly<{ kind: 'instance'; name: string }>
  | Readonly<{ kind: 'no-instance'; reason: string }>

function invitation(system: ReadySystem, firstMessage: FirstMessage): string {
  if (firstMessage.kind === 'no-instance') return `No first message is prepared: ${firstMessage.reason}`
  return `Send a first message:\n\n${firstMessageCommand(system, firstMessage.name)}`
}

/** One line for a POSIX shell: signs in, then sends with the token that came back. */
export function firstMessageCommand(system: Pick<ReadySystem, 'api' | 'admin'>, instance: string): string {
  const json = "-H 'content-type: application/json'"
  const signIn = `curl -s ${system.api}/user/login ${json} -d ${quote(JSON.stringify(system.admin))}`
  const token = String.raw`$(${signIn} | sed 's/.*"access_token":"\([^"]*\)".*/\1/')`
  const message = { instance, to: '+5511987654321', text: 'Hello from WhatsApp Sender' }
  return `curl -s ${system.api}/v1/messages -H "authorization: Bearer ${token}" ${json} -d ${quote(JSON.stringify(message))}`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function hidePassword(connectionString: string): string {
  return connectionString.replace(/\/\/([^:@/]*):[^@/]*@/, '//$1:***@')
}
