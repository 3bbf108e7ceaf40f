const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/**
 * The partition of a key as Kafka's own default partitioner chooses it: (murmur2(key) & 0x7fffffff) mod count.
 * @param partitionCount at least 1
 * @see https://github.com/apache/kafka/blob/4.1.0/clients/src/main/java/org/apache/kafka/common/utils/Utils.java
 */
export function partitionOf(key: string, partitionCount: number): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitionCount
}

function murmur2(data: Buffer): number {
  let h = SEED ^ data.length
  const wholeWords = data.length & ~3
  for (let at = 0; at < wholeWords; at += 4) {
    let k = Math.imul(data.readInt32LE(at), M)
    k = Math.imul(k ^ (k >>> R), M)
    h = Math.imul(h, M) ^ k
  }
  const tail = data.length & 3
  if (tail > 0) {
    for (let i = tail - 1; i >= 0; i--) h ^= data.readUInt8(wholeWords + i) << (8 * i)
    h = Math.imul(h, M)
  }
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}
