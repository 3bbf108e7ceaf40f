import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kafkaNames, RECORD_BYTES_MAX, TOPIC_RETENTION_MS, topicDefinitions } from './topics.ts'

test("the topics are ordered by the broker's append time, keep a week, and lose nothing to an unclean leader", () => {
  const definitions = topicDefinitions(kafkaNames())
  assert.deepEqual(
    definitions.map(({ name }) => name),
    ['messages', 'evolution-events', 'messages.events'],
  )
  for (const { partitions, config } of definitions) {
    assert.ok(partitions >= 24 && partitions <= 64)
    assert.equal(config['message.timestamp.type'], 'LogAppendTime')
    assert.equal(config['cleanup.policy'], 'delete')
    assert.equal(config['unclean.leader.election.enable'], 'false')
    assert.equal(Number(config['retention.ms']), TOPIC_RETENTION_MS)
    assert.ok(TOPIC_RETENTION_MS >= 7 * 86_400_000)
    assert.ok(Number(config['max.message.bytes']) >= 16 * RECORD_BYTES_MAX)
  }
})

test('two prefixes share no topic and no group', () => {
  const names = [...Object.values(kafkaNames('a.')), ...Object.values(kafkaNames('b.')), ...Object.values(kafkaNames())]
  assert.equal(new Set(names).size, 15)
  assert.equal(kafkaNames('a.').messages, 'a.messages')
})
