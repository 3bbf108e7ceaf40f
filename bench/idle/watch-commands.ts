import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '@whatsapp-sender/store'

type Entry = Readonly<{ op: string; ns: string; appName?: string; command?: Readonly<Record<string, unknown>> }>

/**
 * Counts the commands of one application on this database, by what they are. The driver's own watch over the servers is
 * not among them: it goes on apart from any database.
 */
export async function watchCommands(
  db: Store['db'],
  { appName, seconds }: Readonly<{ appName: string; seconds: number }>,
): Promise<ReadonlyMap<string, number>> {
  await db.command({ profile: 2 })
  await wait(seconds * 1000)
  await db.command({ profile: 0 })
  const counts = new Map<string, number>()
  const profile = db.collection<Entry>('system.profile')
  for await (const entry of profile.find({ appName })) {
    const what = nameOf(entry)
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  await profile.drop()
  return counts
}

function nameOf({ op, ns, command }: Entry): string {
  const verb = op === 'command' ? (Object.keys(command ?? {})[0] ?? op) : op
  return `${verb} ${ns.slice(ns.indexOf('.') + 1)}`
}
