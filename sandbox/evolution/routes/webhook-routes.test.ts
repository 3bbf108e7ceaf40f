import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, maskedInstance, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  await sandbox.create('a1')
})
after(() => sandbox.stop())

const set = (body: object) => sandbox.call('POST', '/webhook/set/a1', body)
const find = () => sandbox.call('GET', '/webhook/find/a1')

const URL = 'http://127.0.0.1:18099/hook'
const ALL =
  'APPLICATION_STARTUP,QRCODE_UPDATED,MESSAGES_SET,MESSAGES_UPSERT,MESSAGES_EDITED,MESSAGES_UPDATE,MESSAGES_DELETE,' +
  'SEND_MESSAGE,SEND_MESSAGE_UPDATE,CONTACTS_SET,CONTACTS_UPSERT,CONTACTS_UPDATE,PRESENCE_UPDATE,CHATS_SET,' +
  'CHATS_UPSERT,CHATS_UPDATE,CHATS_DELETE,GROUPS_UPSERT,GROUP_UPDATE,GROUP_PARTICIPANTS_UPDATE,CONNECTION_UPDATE,' +
  'LABELS_EDIT,LABELS_ASSOCIATION,CALL,TYPEBOT_START,TYPEBOT_CHANGE_STATUS,REMOVE_INSTANCE,LOGOUT_INSTANCE,' +
  'INSTANCE_CREATE,INSTANCE_DELETE,STATUS_INSTANCE'

function stored(o: { url?: string; headers?: string; enabled?: boolean; events: readonly string[] }): string {
  return (
    `{"id":"<cuid>","url":"${o.url ?? URL}","headers":${o.headers ?? 'null'},"enabled":${o.enabled ?? true},` +
    `"events":${JSON.stringify(o.events)},"webhookByEvents":false,"webhookBase64":false,` +
    '"createdAt":"<time>","updatedAt":"<time>","instanceId":"<uuid>"}'
  )
}

test('find before anything was set is null', async () => {
  const { status, text } = await find()
  assert.equal(status, 200)
  assert.equal(text, 'null')
})

const SET: readonly Readonly<{ title: string; webhook: object; text: string }>[] = [
  {
    title: 'with headers and events',
    webhook: {
      enabled: true,
      url: URL,
      headers: { authorization: 'Bearer x' },
      byEvents: false,
      base64: false,
      events: ['SEND_MESSAGE', 'MESSAGES_UPDATE'],
    },
    text: stored({ headers: '{"authorization":"Bearer x"}', events: ['SEND_MESSAGE', 'MESSAGES_UPDATE'] }),
  },
  {
    title: 'an empty list asks for all',
    webhook: { enabled: true, url: URL, events: [] },
    text: stored({ events: ALL.split(',') }),
  },
  {
    title: 'an empty address',
    webhook: { enabled: true, url: '', events: ['CALL'] },
    text: stored({ url: '', events: ['CALL'] }),
  },
  {
    title: 'no address at all in it',
    webhook: { enabled: true, url: 'nowhere', events: ['CALL'] },
    text: stored({ url: 'nowhere', events: ['CALL'] }),
  },
  {
    title: 'switched off',
    webhook: { enabled: false, url: URL, events: ['CALL'] },
    text: stored({ enabled: false, events: [] }),
  },
]

for (const { title, webhook, text } of SET) {
  test(`set: ${title}`, async () => {
    const answered = await set({ webhook })
    assert.equal(answered.status, 201)
    assert.equal(maskedInstance(answered.text), text)
    const found = await find()
    assert.equal(found.status, 200)
    assert.equal(found.text, answered.text)
  })
}

const REFUSED: readonly Readonly<{ body: object; status: number; message: unknown }>[] = [
  { body: {}, status: 400, message: [['instance requires property "webhook"']] },
  {
    body: { enabled: true, url: 'http://x', events: [] },
    status: 400,
    message: [['instance requires property "webhook"']],
  },
  { body: { webhook: { enabled: true, events: [] } }, status: 400, message: [['webhook requires property "url"']] },
  {
    body: { webhook: { enabled: true, url: URL, events: ['NOPE'] } },
    status: 400,
    message: [[`webhook.events[0] is not one of enum values: ${ALL}`]],
  },
  {
    body: { webhook: { enabled: true, url: URL } },
    status: 500,
    message: "Cannot read properties of undefined (reading 'length')",
  },
]

for (const { body, status, message } of REFUSED) {
  test(`set is refused: ${JSON.stringify(body)}`, async () => {
    const answered = await set(body)
    assert.equal(answered.status, status)
    assert.equal(answered.text, JSON.stringify(errorBody(status, message)))
  })
}
