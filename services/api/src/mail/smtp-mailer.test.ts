import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { createSmtpMailer } from './smtp-mailer.ts'

const MAIL = { to: 'ana@example.com', subject: 's', text: 't' }

test('a mail that the server refuses for now is tried again, and given up after the last try', async () => {
  let tries = 0
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      tries++
      done(address === MAIL.to && tries === 2 ? undefined : Object.assign(new Error('not now'), { responseCode: 451 }))
    },
    onData: (stream, _session, done) => void stream.resume().on('end', () => done()),
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const sent = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<unknown>()
  const mailer = await createSmtpMailer({
    url: `smtp://127.0.0.1:${address.port}`,
    from: 'sender@example.com',
    onSent: sent.resolve,
    onFailed: failed.resolve,
    pausesMs: [1, 1],
  })
  assert.ok(mailer.post(MAIL))
  await sent.promise
  assert.equal(tries, 2)
  assert.ok(mailer.post({ ...MAIL, to: 'bob@example.com' }))
  assert.ok((await failed.promise) instanceof Error)
  assert.equal(tries, 5)
  await mailer.stop?.()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

test('more mails than there is room for are not taken, and a stop waits some seconds at most for a server that is away', async () => {
  const mailer = await createSmtpMailer({
    url: 'smtp://127.0.0.1:1',
    from: 'a@example.com',
    onSent: () => {},
    onFailed: () => {},
  })
  const taken = Array.from({ length: 150 }, () => mailer.post(MAIL)).filter(Boolean).length
  assert.equal(taken, 100)
  await mailer.stop?.()
})
