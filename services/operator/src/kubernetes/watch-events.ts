import { z } from 'zod'
import { errorOfWatch } from './kubernetes-error.ts'
import { KubernetesObject } from './kubernetes-object.ts'

/** A bookmark tells no change, only the version from which a watch can go on. */
export type WatchEvent =
  | Readonly<{ type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }>
  | Readonly<{ type: 'BOOKMARK'; resourceVersion: string }>

const Line = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: KubernetesObject }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) }),
  }),
  z.object({ type: z.literal('ERROR'), object: z.unknown() }),
])

/**
 * The events of a watch, one JSON document a line. A line that is cut off by the end of the connection is dropped: the
 * next watch tells it whole.
 * @throws {KubernetesError} for an event of type ERROR
 */
export async function* readWatchEvents(bytes: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<WatchEvent> {
  for await (const line of linesOf(bytes)) {
    const event = Line.parse(JSON.parse(line))
    if (event.type === 'ERROR') throw errorOfWatch(event.object, what)
    if (event.type === 'BOOKMARK') {
      yield { type: event.type, resourceVersion: event.object.metadata.resourceVersion }
    } else yield event
  }
}

/** Of a long object there are many chunks and one line: what has been searched is not searched again. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let begun: string[] = []
  for await (const chunk of bytes) {
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n')
    begun.push(first)
    for (const next of others) {
      const line = begun.join('')
      if (line !== '') yield line
      begun = [next]
    }
  }
}
