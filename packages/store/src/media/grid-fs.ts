import { mongo } from 'mongoose'

type ChunkDocument = { _id: mongo.ObjectId; files_id: string; n: number; data: mongo.Binary }
type FileDocument = { _id: string; length: number; chunkSize: number; uploadDate: Date; filename: string }

/** What drivers take by default: with its frame below a quarter of a megabyte. */
const CHUNK_BYTES = 255 * 1024

/** Chunks that one reader holds. The driver's own stream lets the server send 16 MB at a time. */
const READ_AHEAD = 2

export const CHUNK_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'files_id_1_n_1', key: { files_id: 1, n: 1 }, unique: true },
]

/**
 * Bytes as GridFS keeps them, so that its tools can read them, under ids of ours. Not by the driver's streams: these have
 * chunks in flight when they are broken off, which would come to lie after their file was removed.
 */
export function createGridFs(db: mongo.Db, bucket: string) {
  const chunks = db.collection<ChunkDocument>(`${bucket}.chunks`)
  const files = db.collection<FileDocument>(`${bucket}.files`)
  return {
    /** One chunk at a time is held and on its way. */
    write: async (id: string, source: AsyncIterable<Uint8Array>): Promise<void> => {
      let [n, length] = [0, 0]
      for await (const piece of inPieces(source)) {
        const chunk = { _id: new mongo.ObjectId(), files_id: id, n, data: new mongo.Binary(piece) }
        await chunks.insertOne(chunk)
        n += 1
        length += piece.length
      }
      await files.insertOne({ _id: id, length, chunkSize: CHUNK_BYTES, uploadDate: new Date(), filename: id })
    },
    /** @throws when they are not `size` bytes */
    async *read(id: string, size: number): AsyncGenerator<Buffer> {
      const found = chunks.find({ files_id: id }, { projection: { _id: 0, n: 1, data: 1 }, batchSize: READ_AHEAD })
      let [n, length] = [0, 0]
      for await (const chunk of found.sort({ n: 1 })) {
        const bytes = Buffer.from(chunk.data.value())
        if (chunk.n !== n || length + bytes.length > size) break
        n += 1
        length += bytes.length
        yield bytes
      }
      if (length !== size) throw new Error('a file is not whole')
    },
    remove: async (id: string): Promise<void> => {
      await files.deleteOne({ _id: id })
      await chunks.deleteMany({ files_id: id })
    },
  }
}

/** Of the size of a chunk, but for the last. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let bytes = 0
  for await (const each of source) {
    held.push(each)
    bytes += each.length
    if (bytes < CHUNK_BYTES) continue
    let whole = Buffer.concat(held, bytes)
    for (; whole.length >= CHUNK_BYTES; whole = whole.subarray(CHUNK_BYTES)) yield whole.subarray(0, CHUNK_BYTES)
    held = [whole]
    bytes = whole.length
  }
  if (bytes > 0) yield Buffer.concat(held, bytes)
}
