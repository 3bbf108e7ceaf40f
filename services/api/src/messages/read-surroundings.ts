import type { Pace } from '@whatsapp-sender/contract'
import type { Contact, Instance, MessageRow } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import type { ReadConditions } from '../instances/instance-conditions.ts'
import type { Surroundings } from './message-waiting.ts'

export type ReadSurroundings = (row: MessageRow) => Promise<Surroundings>

const TIMEOUT_MS = 1000

/** Asks only for what a message of this status and this pace can wait on; what is not known in time is left out. */
export function createReadSurroundings(o: {
  directory: { byId(id: string): Instance | undefined }
  readConditions: ReadConditions
  defaultPace: Pace
  hasRowAhead(row: MessageRow): Promise<boolean>
  findContacts(instanceId: string, numbers: readonly string[]): Promise<ReadonlyMap<string, Contact>>
}): ReadSurroundings {
  return async (row) => {
    const instance = o.directory.byId(row.instanceId)
    const nothing = {
      instance,
      conditions: undefined,
      defaultPace: o.defaultPace,
      isAheadTaken: false,
      contact: undefined,
    }
    if (row.status !== 'queued') return nothing
    const [conditions, isAheadTaken, contact] = await Promise.all([
      o.readConditions([row.instanceId]),
      inTime(o.hasRowAhead(row), TIMEOUT_MS),
      inTime(contactOf(row, instance?.pace ?? o.defaultPace), TIMEOUT_MS),
    ])
    return {
      ...nothing,
      conditions,
      isAheadTaken: isAheadTaken.kind === 'done' && isAheadTaken.value,
      contact: contact.kind === 'done' ? contact.value : undefined,
    }
  }

  async function contactOf({ instanceId, to }: MessageRow, pace: Pace): Promise<Contact | undefined> {
    if (pace.recipientGapMs === undefined && pace.newContactsPerDay === undefined) return undefined
    return (await o.findContacts(instanceId, [to])).get(to)
  }
}
