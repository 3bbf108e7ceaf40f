import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, eventually, maskedInstance, startForTest } from '../start-for-test.ts'

type Sandbox = Awaited<ReturnType<typeof startForTest>>
let sandbox: Sandbox

before(async () => {
  sandbox = await startForTest()
})
after(() => sandbox.stop())

const NUMBER = '5511988887777'
const QR = '"code":"2@…","base64":"data:image/png;base64,…","count":1}'
const state = (name: string, word?: string) =>
  `{"instance":{"instanceName":"${name}"${word === undefined ? '' : `,"state":"${word}"`}}}`
const ERROR_UNDER_200 = '{"error":true,"message":"[object Object]"}'
const error = (status: number, message: unknown) => JSON.stringify(errorBody(status, message))

type Situation = 'close' | 'connecting' | 'open' | 'loading' | 'pairing' | 'absent'

type Row = Readonly<{
  title: string
  when: Situation
  method?: string
  path: (name: string) => string
  status?: number
  text: (name: string) => string
}>

const ROWS: readonly Row[] = [
  ...(['close', 'connecting', 'open'] as const).map((word) => ({
    title: `connectionState: ${word}`,
    when: word,
    path: (name: string) => `/instance/connectionState/${name}`,
    text: (name: string) => state(name, word),
  })),
  {
    title: 'connectionState: loading has no state field',
    when: 'loading',
    path: (name) => `/instance/connectionState/${name}`,
    text: (name) => state(name),
  },
  {
    title: 'connectionState: unknown',
    when: 'absent',
    path: (name) => `/instance/connectionState/${name}`,
    status: 404,
    text: (name) => error(404, [`The "${name}" instance does not exist`]),
  },
  {
    title: 'connect: close',
    when: 'close',
    path: (name) => `/instance/connect/${name}`,
    text: () => `{"pairingCode":null,${QR}`,
  },
  {
    title: 'connect: close, with a number',
    when: 'close',
    path: (name) => `/instance/connect/${name}?number=${NUMBER}`,
    text: () => `{"pairingCode":"<code>",${QR}`,
  },
  {
    title: 'connect: connecting, with a code',
    when: 'pairing',
    path: (name) => `/instance/connect/${name}`,
    text: () => `{"pairingCode":null,${QR}`,
  },
  {
    title: 'connect: connecting, before there is a code',
    when: 'connecting',
    path: (name) => `/instance/connect/${name}`,
    text: () => '{"count":0}',
  },
  {
    title: 'connect: open',
    when: 'open',
    path: (name) => `/instance/connect/${name}`,
    text: (name) => state(name, 'open'),
  },
  {
    title: 'connect: loading is an error under 200',
    when: 'loading',
    path: (name) => `/instance/connect/${name}`,
    text: () => ERROR_UNDER_200,
  },
  {
    title: 'restart: open',
    when: 'open',
    method: 'POST',
    path: (name) => `/instance/restart/${name}`,
    text: (name) => state(name, 'open'),
  },
  {
    title: 'restart: close is an error under 200',
    when: 'close',
    method: 'POST',
    path: (name) => `/instance/restart/${name}`,
    text: () => ERROR_UNDER_200,
  },
  {
    title: 'restart by PUT is no route',
    when: 'open',
    method: 'PUT',
    path: (name) => `/instance/restart/${name}`,
    status: 404,
    text: (name) => error(404, [`Cannot PUT /instance/restart/${name}`]),
  },
  {
    title: 'logout: close',
    when: 'close',
    method: 'DELETE',
    path: (name) => `/instance/logout/${name}`,
    status: 400,
    text: (name) => error(400, [`The "${name}" instance is not connected`]),
  },
  {
    title: 'logout: open',
    when: 'open',
    method: 'DELETE',
    path: (name) => `/instance/logout/${name}`,
    text: () => '{"status":"SUCCESS","error":false,"response":{"message":"Instance logged out"}}',
  },
  ...(['close', 'connecting', 'open', 'loading'] as const).map((when) => ({
    title: `delete: ${when}`,
    when,
    method: 'DELETE',
    path: (name: string) => `/instance/delete/${name}`,
    text: () => '{"status":"SUCCESS","error":false,"response":{"message":"Instance deleted"}}',
  })),
  {
    title: 'delete: unknown',
    when: 'absent',
    method: 'DELETE',
    path: (name) => `/instance/delete/${name}`,
    status: 404,
    text: (name) => error(404, [`The "${name}" instance does not exist`]),
  },
  {
    title: 'fetchInstances of an unknown name',
    when: 'absent',
    path: (name) => `/instance/fetchInstances?instanceName=${name}`,
    status: 404,
    text: (name) => error(404, [`Instance "${name}" not found`]),
  },
]

for (const [index, row] of ROWS.entries()) {
  test(row.title, async () => {
    const name = `row-${index}`
    await bring(name, row.when)
    const answered = await sandbox.call(row.method ?? 'GET', row.path(name))
    assert.equal(answered.status, row.status ?? 200)
    assert.equal(maskedInstance(answered.text), row.text(name))
  })
}

async function bring(name: string, situation: Situation): Promise<void> {
  if (situation === 'absent') return
  await sandbox.create(name, situation === 'pairing' ? { qrcode: true } : {})
  if (situation !== 'close' && situation !== 'pairing') await sandbox.setState(name, situation)
}

test('a code stays the same while it lives, and a scan opens the instance', async () => {
  await sandbox.create('scanned', { number: NUMBER })
  const first = await sandbox.call('GET', '/instance/connect/scanned')
  assert.equal((await sandbox.call('GET', '/instance/connect/scanned')).text, first.text)
  await sandbox.call('POST', '/sandbox/instances/scanned/scan', {})
  assert.equal((await sandbox.call('GET', '/instance/connectionState/scanned')).text, state('scanned', 'open'))
})

test('connect waits 2 s for the first code, and answers at once while one is shown', async () => {
  const slow = await startForTest({ timeScale: 0.5 })
  try {
    await slow.create('slow')
    const startedAt = performance.now()
    await slow.call('GET', '/instance/connect/slow')
    const shownAt = performance.now()
    await slow.call('GET', '/instance/connect/slow')
    assert.ok(shownAt - startedAt >= 950)
    assert.ok(performance.now() - shownAt < 750)
  } finally {
    await slow.stop()
  }
})

test('connect while WhatsApp refuses: connecting, and a count of nothing', async () => {
  const lonely = await startForTest()
  try {
    await lonely.create('lonely')
    await lonely.call('POST', '/sandbox/whatsapp', { reach: 'refused' })
    const answered = await lonely.call('GET', '/instance/connect/lonely')
    assert.equal(answered.status, 200)
    assert.equal(answered.text, '{"count":0}')
    const { text } = await lonely.call('GET', '/instance/connectionState/lonely')
    assert.equal(text, state('lonely', 'connecting'))
  } finally {
    await lonely.stop()
  }
})

test('a restarted instance is gone for a moment and comes back by itself', async () => {
  await sandbox.create('restarted')
  await sandbox.setState('restarted', 'open')
  await sandbox.call('POST', '/instance/restart/restarted')
  const read = async () => (await sandbox.call('GET', '/instance/connectionState/restarted')).text
  await eventually(read, (text) => text === state('restarted', 'open'))
})

test('codes follow each other until the thirtieth, then the instance closes and the next connect counts from one', async () => {
  const impatient = await startForTest({ timeScale: 0.000_01 })
  try {
    await impatient.create('impatient')
    await impatient.call('GET', '/instance/connect/impatient')
    const view = async () => (await impatient.call('GET', '/sandbox/view')).text
    await eventually(view, (text) => /"count":[2-9]/.test(text))
    await eventually(view, (text) => text.includes('"state":"close"'))
    const { text } = await impatient.call('GET', '/instance/connect/impatient')
    assert.equal(maskedInstance(text), `{"pairingCode":null,${QR}`)
  } finally {
    await impatient.stop()
  }
})

test('a deleted name is taken at once, without a state, and free a moment later', async () => {
  const slow = await startForTest({ timeScale: 0.2 })
  try {
    await slow.create('going')
    await slow.call('DELETE', '/instance/delete/going')
    assert.equal((await slow.create('going')).text, error(403, ['This name "going" is already in use.']))
    assert.equal((await slow.call('GET', '/instance/connectionState/going')).text, state('going'))
    const sent = await slow.sendText('going', '5511999991000', 'x')
    assert.equal(sent.text, error(500, "Cannot read properties of undefined (reading 'textMessage')"))
    const again = await slow.call('DELETE', '/instance/delete/going')
    assert.equal(again.text, error(404, ['The "going" instance does not exist']))
    await eventually(
      () => slow.create('going'),
      ({ status }) => status === 201,
    )
  } finally {
    await slow.stop()
  }
})

const ROW =
  '{"id":"<uuid>","name":"fetched","connectionStatus":"close","ownerJid":null,"profileName":null,' +
  '"profilePicUrl":null,"integration":"WHATSAPP-BAILEYS","number":null,"businessId":null,"token":"tok-fetched",' +
  '"clientName":"evolution","disconnectionReasonCode":null,"disconnectionObject":null,"disconnectionAt":null,' +
  '"createdAt":"<time>","updatedAt":"<time>","Chatwoot":null,"Proxy":null,"Rabbitmq":null,"Nats":null,"Sqs":null,' +
  '"Websocket":null,"Setting":{"rejectCall":false,"msgCall":"","groupsIgnore":false,"alwaysOnline":false,' +
  '"readMessages":false,"readStatus":false,"syncFullHistory":false,"wavoipToken":""},' +
  '"_count":{"Message":0,"Contact":0,"Chat":0}}'

test('fetchInstances shows all to the global key, tokens in clear, and its own to a token', async () => {
  await sandbox.create('fetched', { token: 'tok-fetched' })
  const fetchBy = (apikey: string, query = '') =>
    sandbox.call('GET', `/instance/fetchInstances${query}`, undefined, { apikey })
  assert.equal(maskedInstance((await fetchBy('tok-fetched')).text), `[${ROW}]`)
  assert.ok(maskedInstance((await fetchBy('global-key')).text).includes(ROW))
  assert.equal(maskedInstance((await fetchBy('global-key', '?instanceName=fetched')).text), `[${ROW}]`)
  assert.equal((await fetchBy('wrong')).text, error(401, 'Unauthorized'))
})

test("fetchInstances lags behind: the database's word is close while an instance connects", async () => {
  await sandbox.create('lagging')
  await sandbox.setState('lagging', 'connecting')
  const { text } = await sandbox.call('GET', '/instance/fetchInstances?instanceName=lagging')
  assert.match(text, /"connectionStatus":"close"/)
})

test('with automatic opening, create and connect leave an instance open', async () => {
  const eager = await startForTest({ autoOpen: true })
  try {
    await eager.create('eager')
    assert.equal((await eager.call('GET', '/instance/connectionState/eager')).text, state('eager', 'open'))
    await eager.call('DELETE', '/instance/logout/eager')
    assert.equal((await eager.call('GET', '/instance/connect/eager')).text, state('eager', 'open'))
  } finally {
    await eager.stop()
  }
})
