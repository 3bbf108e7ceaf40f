import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, test } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { type ApiUnderTest, PASSWORD, startApi } from './api-under-test.ts'
import { until } from './until.ts'

type Received = Readonly<{ from: string; to: readonly string[]; text: string }>

const NEW_PASSWORD = 'other horse eats 7 plums'

let mails: Received[] = []
let server: SMTPServer
let api: ApiUnderTest

before(async () => {
  server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, { envelope }, done) => {
      void text(stream).then((said) => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), text: said })
        return done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = addressOf(server)
  api = await startApi({ env: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'Sender <sender@example.com>' } })
})
beforeEach(() => {
  mails = []
})
after(async () => {
  await api.stop()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

const forgotten = (email: string) => api.anybody.post('/user/password-forgotten', { email })

test('who has forgotten his password is mailed a token, and it sets a new one', async () => {
  await api.user('ana@example.com')
  assert.equal((await forgotten('Ana@example.com')).status, 202)
  await until('the mail is there', () => mails.length === 1)
  const [mail] = mails
  assert.deepEqual([mail?.from, mail?.to], ['sender@example.com', ['ana@example.com']])
  const token = /^wpr_[\w-]+/m.exec(mail?.text ?? '')?.[0]
  assert.equal((await api.anybody.post('/user/password-reset', { token, password: NEW_PASSWORD })).status, 204)
  assert.ok((await api.logIn('ana@example.com', NEW_PASSWORD)).token !== 'undefined')
})

test('neither the answer nor a mail tells of an account that is not there, or waits for approval', async () => {
  await api.user('bia@example.com')
  await api.anybody.post('/user/signup', { email: 'new@example.com', fullname: 'New', password: PASSWORD })
  const answers = [
    await forgotten('nobody@example.com'),
    await forgotten('new@example.com'),
    await forgotten('bia@example.com'),
  ]
  assert.deepEqual(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size, 1)
  await until('the last mail is there', () => mails.length > 0)
  assert.deepEqual(
    mails.flatMap(({ to }) => to),
    ['bia@example.com'],
  )
})

test('the owner of a webhook is mailed once when it is switched off for us, and not when he did it himself', async () => {
  const eva = await api.user('eva@example.com')
  const create = async (path: string) => {
    const wanted = { user: eva.id, url: `https://shop.example/${path}`, fromSeq: 0 }
    return (await api.store.webhookEndpoints.create(wanted)).endpoint.id
  }
  const [own, failing, gone] = [await create('own'), await create('failing-secret'), await create('gone')]
  assert.equal((await eva.patch(`/v1/webhooks/${own}`, { enabled: false })).status, 200)
  await api.store.webhookEndpoints.noteFailure(failing, new Date(Date.now() - 86_400_000))
  await api.store.webhookEndpoints.disable(failing, 'failing', new Date())
  await until('the mail is there', () => mails.length === 1)
  await api.store.webhookEndpoints.disable(gone, 'gone', new Date())
  await until('the second mail is there', () => mails.length === 2)
  const told = mails.map(({ to, text: said }) => [to[0], [own, failing, gone].filter((id) => said.includes(id))])
  assert.deepEqual(told, [
    ['eva@example.com', [failing]],
    ['eva@example.com', [gone]],
  ])
  assert.ok(mails.every(({ text: said }) => said.includes('shop.example') && !said.includes('secret')))
})

test('nobody fills the mailbox of another, and one address does not ask for ever', async () => {
  await api.user('caio@example.com')
  await api.user('dora@example.com')
  for (let n = 0; n < 5; n++) await forgotten('caio@example.com')
  await forgotten('dora@example.com')
  await until('the last mail is there', () => mails.some(({ to }) => to.includes('dora@example.com')))
  assert.equal(mails.filter(({ to }) => to.includes('caio@example.com')).length, 3)
  const answers = await Promise.all(Array.from({ length: 40 }, () => forgotten('x@example.com')))
  assert.ok(answers.some(({ body }) => body['code'] === 'too-many-requests'))
})

test('an installation without a mail server says so', async () => {
  const without = await startApi()
  try {
    assert.equal(
      (await without.anybody.post('/user/password-forgotten', { email: 'a@example.com' })).body['code'],
      'mail-off',
    )
  } finally {
    await without.stop()
  }
})

function addressOf({ server: listening }: SMTPServer): AddressInfo {
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address
}
