import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startForTest } from '../start-for-test.ts'

const TIME_SCALE = 0.005
const CACHED = '5511999995000'
const NOT_CACHED = '5511999996000'
const HANGING = '5511999990408'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest({ timeScale: TIME_SCALE })
  for (const name of ['open', 'never', 'connecting', 'closed', 'loading']) await sandbox.create(name)
  await sandbox.setState('open', 'open')
  await sandbox.setState('connecting', 'connecting')
  await sandbox.setState('loading', 'loading')
  await sandbox.setState('closed', 'open')
  await sandbox.sendText('closed', CACHED, 'fills the cache')
  await sandbox.setState('closed', 'close')
})
after(() => sandbox.stop())

const noSendMessage = '["TypeError: Cannot read properties of undefined (reading \'sendMessage\')"]'

const ROWS: readonly Readonly<{ instance: string; number: string; status: 400 | 500; message: string }>[] = [
  {
    instance: 'never',
    number: NOT_CACHED,
    status: 500,
    message: '"Cannot read properties of undefined (reading \'onWhatsApp\')"',
  },
  { instance: 'never', number: '120363000000000000@g.us', status: 400, message: '["[object Object]"]' },
  { instance: 'never', number: '123456789@lid', status: 400, message: noSendMessage },
  { instance: 'never', number: 'status@broadcast', status: 400, message: noSendMessage },
  { instance: 'never', number: CACHED, status: 400, message: noSendMessage },
  { instance: 'connecting', number: NOT_CACHED, status: 500, message: '"Connection Closed"' },
  {
    instance: 'connecting',
    number: HANGING,
    status: 500,
    message: '"Cannot read properties of undefined (reading \'find\')"',
  },
  {
    instance: 'loading',
    number: NOT_CACHED,
    status: 500,
    message: '"Cannot read properties of undefined (reading \'textMessage\')"',
  },
  { instance: 'closed', number: CACHED, status: 400, message: '["Error: Connection Closed"]' },
  { instance: 'closed', number: NOT_CACHED, status: 500, message: '"Connection Closed"' },
]

for (const { instance, number, status, message } of ROWS) {
  test(`sendText through "${instance}" to ${number} is ${status} ${message}`, async () => {
    const answered = await sandbox.sendText(instance, number, 'x')
    const error = status === 400 ? 'Bad Request' : 'Internal Server Error'
    assert.equal(answered.text, `{"status":${status},"error":"${error}","response":{"message":${message}}}`)
    assert.equal(answered.status, status)
  })
}

for (const instance of ['connecting', 'open']) {
  test(`a look-up that is never answered takes its 60.02 s, scaled, through "${instance}"`, async () => {
    const startedAt = performance.now()
    await sandbox.sendText(instance, HANGING, 'x')
    assert.ok(performance.now() - startedAt >= 60_020 * TIME_SCALE - 2)
  })
}

test('no look-up that failed leaves a number in the cache', async () => {
  assert.equal((await sandbox.sendText('never', NOT_CACHED, 'x')).status, 500)
})
