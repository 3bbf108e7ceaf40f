import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ADMIN, type ApiUnderTest, startApi } from './api-under-test.ts'
import { createDocumentedCalls, type DocumentedCalls } from './documented-calls.ts'
import { failed, waiting } from './ledger-messages.ts'
import { formOf, png } from './media-client.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let documented: DocumentedCalls
let admin: string | undefined

before(async () => {
  // It is answered before anything is mailed, so nobody has to be there to take it.
  api = await startApi({ env: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'sender@example.com' } })
  admin = api.admin.token
  documented = await createDocumentedCalls(api.url)
})
after(() => api.stop())

test('every operation answers its own examples as the document says', async () => {
  const { call } = documented
  for (const id of ['readHome', 'readOpenApiDocument', 'readDocsPage', 'readDocsFile', 'showErrorPage']) await call(id)
  const ana = await becomeUser()
  await describeSelf(ana)
  await makeInstances(ana)
  await sendMessages(ana)
  await dealWithDeadLetters(ana)
  await listSuppressed(ana)
  await haveEventsPosted(ana)
  await administer()
  await call('receiveEvolutionEvent', { headers: { 'x-webhook-secret': await webhookSecretOf('sales') } })
  await call('legacySendMessage', { token: ana.token })
  await call('legacyConnectInstance', { token: ana.token })
  await call('changeInstanceOwner', { token: admin })
  await call('changeInstanceManager', { token: admin })
  await call('logOutInstance', { token: ana.token })
  await call('removeInstance', { token: ana.token })
  await leave(ana)
  const all = documented.operations.map(({ operationId }) => operationId)
  assert.deepEqual(documented.called().sort(), all.sort())
})

test('who cannot prove who he is gets the 401 that the document describes', async () => {
  const guarded = documented.operations.filter(({ security }) => security.length > 0)
  assert.ok(guarded.length > 40)
  for (const operation of guarded) assert.equal(await documented.attempt(operation), 401, operation.operationId)
})

test('a body that an operation does not know gets an answer that the document describes', async () => {
  const { token } = await api.logIn(ADMIN.email, ADMIN.password)
  for (const operation of documented.operations.filter(({ requestBody }) => requestBody)) {
    for (const body of [{ unheardOf: 1 }, []]) {
      const status = await documented.attempt(operation, { token, body })
      assert.ok(status >= 400 && status < 500, `${operation.operationId} ${status}`)
    }
  }
})

test('a path that holds anything gets an answer that the document describes', async () => {
  const { token } = await api.logIn(ADMIN.email, ADMIN.password)
  const withPath = documented.operations.filter(({ path }) => path.includes('{'))
  for (const operation of withPath) {
    for (const value of ['../x', '%', 'x'.repeat(300), '0']) {
      const path = Object.fromEntries(operation.takes.map(({ name }) => [name, value]))
      const status = await documented.attempt(operation, { token, path })
      assert.ok(status < 500, `${operation.operationId} ${value} ${status}`)
    }
  }
})

type Person = Readonly<{ id: string; token: string }>

async function becomeUser(): Promise<Person> {
  const { call } = documented
  const { id } = await call('signUp')
  await call('listUsers', { token: admin })
  await call('changeUser', { token: admin, path: { id: String(id) } })
  // The last of the examples have rejected him, and made him a viewer.
  await api.admin.patch(`/v1/users/${String(id)}`, { status: 'approved', role: 'sender' })
  const first = await call('logIn')
  const next = await call('refreshSession', { withBody: { refresh_token: first['refresh_token'] } })
  return { id: String(id), token: String(next['access_token']) }
}

async function describeSelf({ token }: Person): Promise<void> {
  const { call } = documented
  for (const id of ['readMe', 'changeMe', 'listSessions', 'createApiKey']) await call(id, { token })
  const { data } = await call('listApiKeys', { token })
  await call('revokeApiKey', { token, path: { id: firstOf(data) } })
}

async function makeInstances({ token }: Person): Promise<void> {
  const { call } = documented
  for (const id of ['createInstance', 'listInstances', 'readInstance', 'changeInstance']) await call(id, { token })
  await call('connectInstance', { token })
  await until('it is open', async () => (await call('readInstance', { token }))['state'] === 'open')
  await api.user('bob@example.com')
  for (const id of ['shareInstance', 'listShares', 'unshareInstance']) await call(id, { token })
  for (const id of ['followConnection', 'checkNumbers', 'restartInstance']) await call(id, { token })
}

async function sendMessages({ id: user, token }: Person): Promise<void> {
  const { call } = documented
  await call('sendMessage', { token })
  await call('sendBatch', { token })
  await keepFiles(token)
  await runCampaign(token)
  const path = { id: await waiting(api.store, user) }
  for (const id of ['readMessage', 'rescheduleMessage', 'followMessage', 'cancelMessage'])
    await call(id, { token, path })
  for (const id of ['listMessages', 'cancelMessages', 'followEvents', 'listUsage', 'exportPerson'])
    await call(id, { token })
  const erasure = await call('erasePerson', { token })
  await call('readErasure', { token, path: { id: String(erasure['id']) } })
}

async function keepFiles(token: string): Promise<void> {
  const { call } = documented
  const { id } = await call('uploadMedia', { token, body: formOf(['file', png(), 'image/png', 'coffee.png']) })
  const path = { id: String(id) }
  for (const each of ['readMedia', 'readMediaContent', 'removeMedia']) await call(each, { token, path })
  await call('listMedia', { token })
}

async function runCampaign(token: string): Promise<void> {
  const { call } = documented
  const { id } = await call('createCampaign', { token })
  const path = { id: String(id) }
  for (const each of ['uploadCampaignRows', 'listCampaignFaults']) await call(each, { token, path })
  await until('it is ready', async () => (await call('readCampaign', { token, path }))['status'] !== 'uploading')
  for (const each of ['start', 'pause', 'resume', 'cancel']) await call(`${each}Campaign`, { token, path })
  await call('listCampaigns', { token })
}

async function dealWithDeadLetters({ id: user, token }: Person): Promise<void> {
  const { call } = documented
  const path = { id: await failed(api.store, user) }
  await call('listDeadLetters', { token })
  await call('readDeadLetter', { token, path })
  await call('replayDeadLetter', { token, path })
  await call('discardDeadLetter', { token, path: { id: await failed(api.store, user) } })
  await failed(api.store, user)
  for (const id of ['replayDeadLetters', 'discardDeadLetters']) await call(id, { token })
  const headers = { prefer: 'respond-async' }
  await call('listOperations', { token })
  for (const id of ['cancelMessages', 'replayDeadLetters', 'discardDeadLetters']) {
    const operation = await call(id, { token, headers, body: { all: true } })
    await call('readOperation', { token, path: { id: String(operation['id']) } })
  }
}

async function listSuppressed({ token }: Person): Promise<void> {
  const { call } = documented
  const inOrder = ['addSuppression', 'importSuppressions', 'listSuppressions', 'readSuppression', 'removeSuppression']
  for (const id of inOrder) await call(id, { token })
}

async function haveEventsPosted({ token }: Person): Promise<void> {
  const { call } = documented
  const { id } = await call('createWebhook', { token })
  const path = { id: String(id) }
  await call('listWebhooks', { token })
  for (const each of ['readWebhook', 'changeWebhook', 'rotateWebhookSecret']) await call(each, { token, path })
  const ping = await call('pingWebhook', { token, path })
  await call('listDeliveries', { token, path })
  await call('replayDelivery', { token, path: { ...path, delivery: String(ping['id']) } })
  await call('removeWebhook', { token, path })
}

async function administer(): Promise<void> {
  const { call } = documented
  for (const id of ['create', 'change', 'read', 'check', 'remove']) await call(`${id}EvolutionServer`, { token: admin })
  await call('listEvolutionServers', { token: admin })
  for (const id of ['readOverview', 'readRetention', 'listUsageOfAll', 'exportPersonAnywhere'])
    await call(id, { token: admin })
  const { id } = await call('erasePersonAnywhere', { token: admin })
  await call('readErasureAnywhere', { token: admin, path: { id: String(id) } })
  const record = { topic: 'messages', partition: 3, offset: 184_467n, headers: {}, reason: 'not-json' } as const
  await api.store.undecodable.insert([
    { ...record, key: Buffer.from('sales'), value: Buffer.from('{'), detail: 'no JSON' },
  ])
  for (const id of ['listUndecodable', 'readUndecodable', 'discardUndecodable', 'listAudit']) {
    await call(id, { token: admin })
  }
}

async function leave({ id, token }: Person): Promise<void> {
  const { call } = documented
  await call('changePassword', { token })
  const { token: reset } = await call('issuePasswordReset', { token: admin, path: { id } })
  await call('redeemPasswordReset', { withBody: { token: reset } })
  // Last, for a token that is mailed takes the place of any other.
  await call('forgetPassword')
  const sessionOf = async () => (await api.logIn('ana@example.com', 'the old bridge hums at 4')).token
  const again = await sessionOf()
  const { data } = await call('listSessions', { token: again })
  await call('endSession', { token: again, path: { id: firstOf(data) } })
  await call('logOut', { token: await sessionOf() })
}

function firstOf(data: unknown): string {
  assert.ok(Array.isArray(data))
  return String(Object(data[0]).id)
}

async function webhookSecretOf(name: string): Promise<string> {
  const instance = await api.store.instances.findByName(name)
  const found = await fetch(`${api.evolution.url}/webhook/find/${name}`, {
    headers: { apikey: String(instance?.evolutionToken) },
  })
  const { headers }: { headers: Record<string, string> } = JSON.parse(await found.text())
  return String(headers['x-webhook-secret'])
}
