import type { Readable } from 'node:stream'

/** Reads a body to its end or to `bytesMax`, and hears no more of it then. */
export async function readCapped(body: Readable, bytesMax: number): Promise<{ text: string; isCut: boolean }> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue
    chunks.push(chunk)
    bytes += chunk.length
    // Leaving the loop destroys the body, and with it the connection.
    if (bytes > bytesMax) break
  }
  return { text: Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8'), isCut: bytes > bytesMax }
}
