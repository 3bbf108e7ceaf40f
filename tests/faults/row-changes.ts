import { setTimeout as wait } from 'node:timers/promises'
import type { MessageStatus } from '@whatsapp-sender/contract'
import type { MessageDocument, Store } from '@whatsapp-sender/store'

/** Every status that each row takes, in order, as the database itself tells it. */
export type RowChanges = Readonly<{
  /** Ends the watch, once everything up to now was told. */
  stop(): Promise<Record<string, MessageStatus[]>>
}>

/** Follows the rows until stopped, also over a database that goes and comes back. */
export async function watchRowChanges({ db }: Pick<Store, 'db'>): Promise<RowChanges> {
  const changes: Record<string, MessageStatus[]> = {}
  const lastId = '-last-'
  let told = false
  let stopped = false
  let resumeAfter: unknown

  const note = (id: string, status: MessageStatus | undefined): void => {
    if (id === lastId) told = true
    else if (status !== undefined) changes[id] = [...(changes[id] ?? []), status]
  }
  const open = () =>
    db.collection<MessageDocument>('messages').watch<MessageDocument>([], {
      maxAwaitTimeMS: 500,
      ...(resumeAfter !== undefined && { resumeAfter }),
    })
  const follow = async (stream: ReturnType<typeof open>): Promise<void> => {
    for await (const change of stream) {
      resumeAfter = change._id
      if (change.operationType === 'insert') note(change.documentKey._id, change.fullDocument.status)
      if (change.operationType === 'update')
        note(change.documentKey._id, change.updateDescription.updatedFields?.status)
      if (told) return
    }
  }
  // The first stream has to stand before the first row comes.
  let stream = open()
  await stream.tryNext()
  const following = (async () => {
    while (!stopped) {
      try {
        await follow(stream)
      } catch {
        await wait(200)
        stream = open()
        continue
      }
      return
    }
  })()

  return {
    stop: async () => {
      const mark = db.collection<{ _id: string }>('messages')
      await mark.insertOne({ _id: lastId })
      await Promise.race([following, wait(20_000, undefined, { ref: false })])
      stopped = true
      await mark.deleteOne({ _id: lastId })
      await stream.close()
      await following
      return changes
    },
  }
}
