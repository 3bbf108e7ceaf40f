/** Kafka's numbers for kinds of requests: https://kafka.apache.org/protocol#protocol_api_keys */
export const API_KEY = { offsetCommit: 8, heartbeat: 12 } as const

/**
 * Whether a piece of what a client sends holds a request of this kind. A request begins with its length and its kind;
 * small ones, as those of a consumer group are, come whole and at the beginning of a piece.
 */
export function holdsRequest(piece: Buffer, apiKey: number): boolean {
  for (let at = 0; at + 6 <= piece.length; at += 4 + piece.readInt32BE(at)) {
    if (piece.readInt32BE(at) <= 0) return false
    if (piece.readInt16BE(at + 4) === apiKey) return true
  }
  return false
}
