import assert from 'node:assert/strict'
import type { Store } from '@whatsapp-sender/store'
import type { DocumentedCalls } from './documented-calls.ts'
import { failed, waiting } from './ledger-messages.ts'
import { formOf, png } from './media-client.ts'
import { until } from './until.ts'

/** An API that runs, with no consumer: what is accepted stays where it is. */
export type ApiWithStore = Readonly<{
  store: Store
  /** Where its Evolution is. */
  evolution: Readonly<{ url: string }>
  admin: Readonly<{ token?: string | undefined; patch(path: string, body: unknown): Promise<unknown> }>
  logIn(email: string, password: string): Promise<Readonly<{ token?: string | undefined }>>
  /** Makes an approved user. */
  user(email: string): Promise<unknown>
}>

/** Calls every operation with its own examples, in an order in which each finds what it needs and succeeds. */
export async function callEveryOperation(api: ApiWithStore, documented: DocumentedCalls): Promise<void> {
  const { call } = documented
  const scene: Scene = { ...api, call }
  for (const id of ['readHome', 'readOpenApiDocument', 'readDocsPage', 'readDocsFile', 'showErrorPage']) await call(id)
  const ana = await becomeUser(scene)
  await describeSelf(scene, ana)
  await makeInstances(scene, ana)
  await sendMessages(scene, ana)
  await dealWithDeadLetters(scene, ana)
  await listSuppressed(scene, ana)
  await haveEventsPosted(scene, ana)
  await administer(scene)
  await call('receiveEvolutionEvent', { headers: { 'x-webhook-secret': await webhookSecretOf(scene, 'sales') } })
  await call('legacySendMessage', { token: ana.token })
  await call('legacyConnectInstance', { token: ana.token })
  await call('changeInstanceOwner', { token: api.admin.token })
  await call('changeInstanceManager', { token: api.admin.token })
  await call('logOutInstance', { token: ana.token })
  await call('removeInstance', { token: ana.token })
  await leave(scene, ana)
  const all = documented.operations.map(({ operationId }) => operationId)
  assert.deepEqual(documented.called().sort(), all.sort())
}

type Scene = ApiWithStore & Pick<DocumentedCalls, 'call'>

type Person = Readonly<{ id: string; token: string }>

async function becomeUser({ call, admin }: Scene): Promise<Person> {
  const { id } = await call('signUp')
  await call('listUsers', { token: admin.token })
  await call('changeUser', { token: admin.token, path: { id: String(id) } })
  // The last of the examples have rejected him, and made him a viewer.
  await admin.patch(`/v1/users/${String(id)}`, { status: 'approved', role: 'sender' })
  const first = await call('logIn')
  const next = await call('refreshSession', { withBody: { refresh_token: first['refresh_token'] } })
  return { id: String(id), token: String(next['access_token']) }
}

async function describeSelf(scene: Scene, { token }: Person): Promise<void> {
  const { call } = scene
  for (const id of ['readMe', 'changeMe', 'listSessions', 'createApiKey']) await call(id, { token })
  const { data } = await call('listApiKeys', { token })
  await call('revokeApiKey', { token, path: { id: firstOf(data) } })
}

async function makeInstances(scene: Scene, { token }: Person): Promise<void> {
  const { call } = scene
  for (const id of ['createInstance', 'listInstances', 'readInstance', 'changeInstance']) await call(id, { token })
  await call('connectInstance', { token })
  await until('it is open', async () => (await call('readInstance', { token }))['state'] === 'open')
  await scene.user('bob@example.com')
  for (const id of ['shareInstance', 'listShares', 'unshareInstance']) await call(id, { token })
  for (const id of ['followConnection', 'checkNumbers', 'restartInstance']) await call(id, { token })
}

async function sendMessages(scene: Scene, { id: user, token }: Person): Promise<void> {
  const { call } = scene
  await call('sendMessage', { token })
  await call('sendBatch', { token })
  await keepFiles(scene, token)
  await runCampaign(scene, token)
  const path = { id: await waiting(scene.store, user) }
  for (const id of ['readMessage', 'rescheduleMessage', 'followMessage', 'cancelMessage'])
    await call(id, { token, path })
  for (const id of ['listMessages', 'cancelMessages', 'followEvents', 'listUsage', 'exportPerson'])
    await call(id, { token })
  const erasure = await call('erasePerson', { token })
  await call('readErasure', { token, path: { id: String(erasure['id']) } })
}

async function keepFiles({ call }: Scene, token: string): Promise<void> {
  const { id } = await call('uploadMedia', { token, body: formOf(['file', png(), 'image/png', 'coffee.png']) })
  const path = { id: String(id) }
  for (const each of ['readMedia', 'readMediaContent', 'removeMedia']) await call(each, { token, path })
  await call('listMedia', { token })
}

async function runCampaign({ call }: Scene, token: string): Promise<void> {
  const { id } = await call('createCampaign', { token })
  const path = { id: String(id) }
  for (const each of ['uploadCampaignRows', 'listCampaignFaults']) await call(each, { token, path })
  await until('it is ready', async () => (await call('readCampaign', { token, path }))['status'] !== 'uploading')
  for (const each of ['start', 'pause', 'resume', 'cancel']) await call(`${each}Campaign`, { token, path })
  await call('listCampaigns', { token })
}

async function dealWithDeadLetters(scene: Scene, { id: user, token }: Person): Promise<void> {
  const { call } = scene
  const path = { id: await failed(scene.store, user) }
  await call('listDeadLetters', { token })
  await call('readDeadLetter', { token, path })
  await call('replayDeadLetter', { token, path })
  await call('discardDeadLetter', { token, path: { id: await failed(scene.store, user) } })
  await failed(scene.store, user)
  for (const id of ['replayDeadLetters', 'discardDeadLetters']) await call(id, { token })
  const headers = { prefer: 'respond-async' }
  await call('listOperations', { token })
  for (const id of ['cancelMessages', 'replayDeadLetters', 'discardDeadLetters']) {
    const operation = await call(id, { token, headers, body: { all: true } })
    await call('readOperation', { token, path: { id: String(operation['id']) } })
  }
}

async function listSuppressed(scene: Scene, { token }: Person): Promise<void> {
  const { call } = scene
  const inOrder = ['addSuppression', 'importSuppressions', 'listSuppressions', 'readSuppression', 'removeSuppression']
  for (const id of inOrder) await call(id, { token })
}

async function haveEventsPosted(scene: Scene, { token }: Person): Promise<void> {
  const { call } = scene
  const { id } = await call('createWebhook', { token })
  const path = { id: String(id) }
  await call('listWebhooks', { token })
  for (const each of ['readWebhook', 'changeWebhook', 'rotateWebhookSecret']) await call(each, { token, path })
  const ping = await call('pingWebhook', { token, path })
  await call('listDeliveries', { token, path })
  await call('replayDelivery', { token, path: { ...path, delivery: String(ping['id']) } })
  await call('removeWebhook', { token, path })
}

async function administer({ call, store, admin: { token } }: Scene): Promise<void> {
  for (const id of ['create', 'change', 'read', 'check', 'remove']) await call(`${id}EvolutionServer`, { token })
  await call('listEvolutionServers', { token })
  for (const id of ['readOverview', 'readRetention', 'listUsageOfAll', 'exportPersonAnywhere'])
    await call(id, { token })
  const { id } = await call('erasePersonAnywhere', { token })
  await call('readErasureAnywhere', { token, path: { id: String(id) } })
  const record = { topic: 'messages', partition: 3, offset: 184_467n, headers: {}, reason: 'not-json' } as const
  await store.undecodable.insert([{ ...record, key: Buffer.from('sales'), value: Buffer.from('{'), detail: 'no JSON' }])
  for (const id of ['listUndecodable', 'readUndecodable', 'discardUndecodable', 'listAudit']) {
    await call(id, { token })
  }
}

async function leave(scene: Scene, { id, token }: Person): Promise<void> {
  const { call } = scene
  await call('changePassword', { token })
  const { token: reset } = await call('issuePasswordReset', { token: scene.admin.token, path: { id } })
  await call('redeemPasswordReset', { withBody: { token: reset } })
  // Last, for a token that is mailed takes the place of any other.
  await call('forgetPassword')
  const sessionOf = async () => (await scene.logIn('ana@example.com', 'the old bridge hums at 4')).token
  const again = await sessionOf()
  const { data } = await call('listSessions', { token: again })
  await call('endSession', { token: again, path: { id: firstOf(data) } })
  await call('logOut', { token: await sessionOf() })
}

function firstOf(data: unknown): string {
  assert.ok(Array.isArray(data))
  return String(Object(data[0]).id)
}

async function webhookSecretOf({ store, evolution }: Scene, name: string): Promise<string> {
  const instance = await store.instances.findByName(name)
  const found = await fetch(`${evolution.url}/webhook/find/${name}`, {
    headers: { apikey: String(instance?.evolutionToken) },
  })
  const { headers }: { headers: Record<string, string> } = JSON.parse(await found.text())
  return String(headers['x-webhook-secret'])
}
