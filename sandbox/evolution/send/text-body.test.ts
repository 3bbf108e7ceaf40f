import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { GLOBAL_KEY, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest({ autoOpen: true })
  await sandbox.create('a1')
})
after(() => sandbox.stop())

const bothMissing = '[["instance requires property \\"number\\"","instance requires property \\"text\\""]]'
const textMissing = '[["instance requires property \\"text\\""]]'

/** The body as it is sent, and `message` as it is answered. */
const REFUSED: readonly (readonly [body: string, message: string])[] = [
  ['{}', bothMissing],
  ['', bothMissing],
  ['[]', bothMissing],
  ['{"text":"x"}', '[["instance requires property \\"number\\""]]'],
  ['{"number":"1"}', textMissing],
  ['{"number":"1","textMessage":{"text":"x"}}', textMissing],
  ['{"number":"1","text":""}', '["Text is required"]'],
  ['{"number":"1","text":" \\n "}', '["Text is required"]'],
  ['{"number":55,"text":"x"}', '[["Invalid format"]]'],
  ['{"number":null,"text":"x"}', '[["Invalid format"]]'],
  ['{"number":"1","text":5}', '[["text is not of a type(s) string"]]'],
  ['{"number":null,"text":null}', '[["Invalid format","text is not of a type(s) string"]]'],
  ['{"number":"1","text":"x","delay":"1200"}', '[["Enter a value in milliseconds"]]'],
  ['{"number":"1","text":"x","delay":1.5}', '[["Enter a value in milliseconds"]]'],
  ['{"number":"1","text":"x","linkPreview":"yes"}', '[["linkPreview is not of a type(s) boolean"]]'],
  ['{"number":"1","text":"x","mentioned":[]}', '[["mentioned does not meet minimum length of 1"]]'],
  ['{"number":"1","text":"x","mentioned":["abc"]}', '[["\\"mentioned\\" must be an array of numeric strings"]]'],
  ['{"number":"1","text":"x","quoted":{"key":{}}}', '[["quoted.key requires property \\"id\\""]]'],
]

for (const [body, message] of REFUSED) {
  test(`sendText refuses the body ${body || '(nothing)'}`, async () => {
    const answered = await sandbox.send('sendText', 'a1', body)
    assert.equal(answered.status, 400)
    assert.equal(answered.text, `{"status":400,"error":"Bad Request","response":{"message":${message}}}`)
  })
}

for (const type of [undefined, 'text/plain']) {
  test(`sendText reads no fields from a body ${type === undefined ? 'without a type' : `of type ${type}`}`, async () => {
    const response = await fetch(`${sandbox.url}/message/sendText/a1`, {
      method: 'POST',
      headers: { apikey: GLOBAL_KEY, ...(type === undefined ? {} : { 'content-type': type }) },
      body: new TextEncoder().encode('{"number":"1","text":"x"}'),
    })
    assert.equal(response.status, 400)
    assert.equal(await response.text(), `{"status":400,"error":"Bad Request","response":{"message":${bothMissing}}}`)
  })
}

const ACCEPTED = [
  '{"number":"5511999991000","text":"x","delay":-5}',
  '{"number":"5511999991000","text":"x","anything":true,"options":{"delay":"1"}}',
]

for (const body of ACCEPTED) {
  test(`sendText accepts the body ${body}`, async () => {
    assert.equal((await sandbox.send('sendText', 'a1', body)).status, 201)
  })
}
