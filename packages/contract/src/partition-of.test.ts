import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { partitionOf } from './partition-of.ts'

test('a key goes to the partition that kafkajs chooses for it, whatever its characters', () => {
  const kafkajsPartition = Partitioners.DefaultPartitioner()
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 256 }), (key, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 1,
        replicas: [],
        isr: [],
      }))
      const message = { key: Buffer.from(key), value: null }
      assert.equal(partitionOf(key, count), kafkajsPartition({ topic: 'messages', partitionMetadata, message }))
    }),
    { numRuns: 2000 },
  )
})

// Kafka's own vectors: https://github.com/apache/kafka/blob/4.1.0/clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java
test('the hash is the one that Kafka documents by example', () => {
  for (const [key, hash] of [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ] as const)
    assert.equal(partitionOf(key, 2 ** 31), hash & 0x7fffffff, key)
})
