import type { Pace } from '@whatsapp-sender/contract'
import type { Contact, Instance, MessageRow, WaitingRow } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import type { ReadConditions } from '../instances/instance-conditions.ts'
import type { Surroundings } from './message-waiting.ts'

export type ReadSurroundings = (row: MessageRow) => Promise<Surroundings>

/**
 * Of many messages together, in three reads however many they are; the answer says it of each. Only whether another
 * message goes first is not looked for: that would be a read for each of them.
 */
export type ReadSurroundingsOfAll = (rows: readonly WaitingRow[]) => Promise<(row: WaitingRow) => Surroundings>

type FindContact = (row: WaitingRow) => Contact | undefined

const TIMEOUT_MS = 1000

/** Asks only for what a message of this status and this pace can wait on; what is not known in time is left out. */
export function createReadSurroundings(o: {
  directory: { byId(id: string): Instance | undefined }
  readConditions: ReadConditions
  defaultPace: Pace
  hasRowAhead(row: MessageRow): Promise<boolean>
  findContacts(rows: readonly WaitingRow[]): Promise<FindContact>
}): { readSurroundings: ReadSurroundings; readSurroundingsOfAll: ReadSurroundingsOfAll } {
  const readSurroundingsOfAll: ReadSurroundingsOfAll = async (rows) => {
    const queued = rows.filter(({ status }) => status === 'queued')
    const [conditions, contactOf] = await Promise.all([conditionsOf(queued), contactsOf(queued.filter(asksForContact))])
    return (row) => ({
      instance: o.directory.byId(row.instanceId),
      conditions,
      defaultPace: o.defaultPace,
      isAheadTaken: false,
      contact: contactOf(row),
    })
  }

  async function conditionsOf(rows: readonly WaitingRow[]) {
    if (rows.length === 0) return undefined
    return await o.readConditions([...new Set(rows.map(({ instanceId }) => instanceId))])
  }

  async function contactsOf(rows: readonly WaitingRow[]): Promise<FindContact> {
    const found = rows.length > 0 && (await inTime(o.findContacts(rows), TIMEOUT_MS))
    return found && found.kind === 'done' ? found.value : () => undefined
  }

  function asksForContact({ instanceId }: WaitingRow): boolean {
    const pace = o.directory.byId(instanceId)?.pace ?? o.defaultPace
    return pace.recipientGapMs !== undefined || pace.newContactsPerDay !== undefined
  }

  return {
    readSurroundingsOfAll,
    readSurroundings: async (row) => {
      const [surroundingsOf, ahead] = await Promise.all([
        readSurroundingsOfAll([row]),
        row.status === 'queued' ? inTime(o.hasRowAhead(row), TIMEOUT_MS) : undefined,
      ])
      return { ...surroundingsOf(row), isAheadTaken: ahead?.kind === 'done' && ahead.value }
    },
  }
}
