import type { Content, MessageType } from '@whatsapp-sender/contract'
import { invalidRequest } from '../http/problem.ts'
import type { InlineFile, KeepInline } from './inline-file.ts'
import { type FindAddressFault, refuseMediaAddresses } from './media-addresses.ts'
import type { StoredFiles } from './stored-files.ts'

/**
 * Refuses a message whose file must not be asked for, is not there, or cannot be sent as its kind. A file that came with it
 * is then stored; of a trial nothing is.
 * @throws {ProblemError} 400 naming the field, and what storing a file throws
 */
export type RefuseFiles = (
  o: Readonly<{
    user: string
    message: Readonly<{ type: MessageType; content: Content; sendAt?: Date | undefined }>
    inline: InlineFile | undefined
    isTrial: boolean
  }>,
) => Promise<void>

export function createRefuseFiles(o: {
  findAddressFault: FindAddressFault
  storedFiles: StoredFiles
  keepInline: KeepInline
}): RefuseFiles {
  return async ({ user, message, inline, isTrial }) => {
    await refuseMediaAddresses(message.content, o.findAddressFault)
    if (inline !== undefined) await o.keepInline({ user, type: message.type, inline, isTrial })
    // Of a trial it is not there, and was judged just now.
    if (inline !== undefined && isTrial) return
    const [fault] = await o.storedFiles.faultsOf(user, [message], { isTrial })
    if (fault !== undefined) throw invalidRequest([fault])
  }
}
