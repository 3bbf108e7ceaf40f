import { fileIdOf, type Message, type SendFailure, type SendResult } from '@whatsapp-sender/contract'
import type { FileToSend } from '@whatsapp-sender/evolution-client'
import type { LaneRow, MediaFiles } from '@whatsapp-sender/store'
import { createPlaces } from './places.ts'

/** Sends a message with the file that it names by an id, if it does. */
export type WithFile = (
  row: LaneRow,
  message: Message,
  send: (file: FileToSend | undefined) => Promise<SendResult>,
) => Promise<SendResult>

/** Files that are read at once. Each takes about a megabyte: two chunks, and a piece in base64 on its way. */
const AT_ONCE_MAX = 32

/**
 * Finds the file when the message is sent, and not before. One that is gone by then ends the message. Its bytes are read
 * while they go out; the next may be read as soon as they are, whenever Evolution answers.
 */
export function createWithFile({
  media,
  insist,
  atOnceMax = AT_ONCE_MAX,
}: Readonly<{
  media: Pick<MediaFiles, 'find' | 'read'>
  /** Repeats until the database answers. */
  insist<T>(read: () => Promise<T>): Promise<T>
  atOnceMax?: number
}>): WithFile {
  const places = createPlaces(atOnceMax)
  return async (row, { content }, send) => {
    const id = fileIdOf(content)
    if (id === undefined) return await send(undefined)
    const found = await insist(() => media.find(row.user, id))
    if (found === undefined) return { kind: 'failed', failure: GONE }
    const leave = await places.enter()
    async function* open(): AsyncGenerator<Buffer> {
      try {
        if (found !== undefined) yield* media.read(found)
      } finally {
        leave()
      }
    }
    try {
      const { size, type, fileName } = found
      return await send({ size, type, fileName, open })
    } finally {
      // If it was never opened.
      leave()
    }
  }
}

const GONE: SendFailure = {
  kind: 'permanent',
  code: 'media-gone',
  detail: 'the file of the message has expired or was deleted',
}
