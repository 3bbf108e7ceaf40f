import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Partitioners } from 'kafkajs'
import { createKafka } from './kafka.ts'
import { createLogger } from './logger.ts'

const config = { brokers: ['127.0.0.1:9'], prefix: '' }

test("writes kafkajs' faults as lines of the service, level for level, and its steps at debug only", () => {
  const { lines, kafka } = kafkaAt('debug')
  for (const level of ['error', 'warn', 'info', 'debug'] as const) kafka.logger()[level]('said', {})
  assert.deepEqual(
    lines.map(({ level, event, msg }) => [level, event, msg]),
    [
      ['error', 'said', 'kafka client'],
      ['warn', 'said', 'kafka client'],
      ['debug', 'said', 'kafka client'],
      ['debug', 'said', 'kafka client'],
    ],
  )
})

test('takes over the facts of an entry and never what a request or response carries', () => {
  const { lines, kafka } = kafkaAt('debug')
  kafka.logger().error('refused', { topic: 'messages', partition: 3, payload: 'canary', data: { value: 'canary' } })
  assert.deepEqual([lines[0]?.['topic'], lines[0]?.['partition']], ['messages', 3])
  assert.doesNotMatch(JSON.stringify(lines), /canary/)
})

test('does not warn of the bounded retries that our producers are meant to have', () => {
  const { lines, kafka } = kafkaAt('info')
  kafka.producer({ idempotent: true, retry: { retries: 4 }, createPartitioner: Partitioners.DefaultPartitioner })
  assert.deepEqual(lines, [])
})

test('a broker that is getting ready is worth a warning, and every other refusal an error', () => {
  const { lines, kafka } = kafkaAt('info')
  for (const error of [
    "The coordinator is loading and hence can't process requests for this group",
    'The group coordinator is not available',
    'Not authorized to access group',
  ]) {
    kafka.logger().error('Response JoinGroup(key: 11, version: 5)', { error })
  }
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['warn', 'warn', 'error'],
  )
})

test('counts what a broker that is away has it say again and again', () => {
  const { lines, kafka } = kafkaAt('info')
  for (let retryTime = 0; retryTime < 1000; retryTime++) {
    kafka.logger().error('Connection error: connect ECONNREFUSED 127.0.0.1:9', { broker: '127.0.0.1:9', retryTime })
    kafka.logger().warn(`Restarting the consumer in ${retryTime}ms`, { retryTime })
  }
  assert.deepEqual(
    lines.map(({ level, retryTime }) => [level, retryTime]),
    [
      ['error', 0],
      ['warn', 0],
    ],
  )
})

test('says more once the level of the service is raised, also of clients that are there', () => {
  const { lines, kafka, logger } = kafkaAt('info')
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  producer.logger().debug('first', {})
  logger.level = 'debug'
  producer.logger().debug('second', {})
  logger.level = 'info'
  producer.logger().debug('third', {})
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['second'],
  )
})

test('says at once when the file of authorities cannot be read', () => {
  const logger = createLogger({ service: 'api', level: 'silent' })
  assert.throws(
    () => createKafka({ config: { ...config, ssl: { caPath: '/nowhere/ca.pem' } }, clientId: 'api', logger }),
    /ENOENT/,
  )
})

function kafkaAt(level: string) {
  const lines: Record<string, unknown>[] = []
  const stdout = { write: (line: string) => lines.push(JSON.parse(line)) }
  const logger = createLogger({ service: 'api', level, stdout })
  return { lines, logger, kafka: createKafka({ config, clientId: 'api', logger }) }
}
