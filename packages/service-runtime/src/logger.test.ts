import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from './logger.ts'
import { maskNumber } from './mask-number.ts'

const CANARY = 'canary-7f3a'
const NUMBER = '+5511999991000'

test('writes one JSON line with level, time, service and the fields', () => {
  const [line] = linesOf((logger) => logger.info({ instance: 'shop', offset: 7n }, 'message sent'))
  assert.deepEqual(
    { ...line, time: undefined },
    {
      level: 'info',
      time: undefined,
      service: 'api',
      instance: 'shop',
      offset: 7,
      msg: 'message sent',
    },
  )
  assert.match(String(line?.['time']), /^\d{4}-\d\d-\d\dT/)
})

for (const key of [
  'authorization',
  'apikey',
  'apiKey',
  'token',
  'access_token',
  'password',
  'secret',
  'text',
  'content',
  'body',
  'headers',
  'message',
  'metadata',
  'reference',
  'url',
]) {
  test(`hides ${key} in a line, below it, in lists and in the bindings of a child`, () => {
    const lines = linesOf((logger) => {
      logger.info({ [key]: CANARY }, 'x')
      logger.info({ request: { [key]: CANARY, deep: { [key]: { a: CANARY } } } }, 'x')
      logger.info({ list: [{ [key]: [CANARY] }] }, 'x')
      logger.child({ [key]: CANARY }).info('x')
    })
    assert.equal(lines.length, 4)
    assert.doesNotMatch(JSON.stringify(lines), new RegExp(CANARY))
  })
}

test('leaves the last four digits of a recipient, in a line and in the bindings of a child', () => {
  const lines = linesOf((logger) => {
    logger.info({ to: NUMBER, nested: { number: NUMBER, remoteJid: '5511999991000@s.whatsapp.net' } }, 'x')
    logger.child({ recipient: NUMBER }).info('x')
  })
  assert.deepEqual(
    lines.map(({ to, nested, recipient }) => ({ to, nested, recipient })),
    [
      { to: '…1000', nested: { number: '…1000', remoteJid: '…1000' }, recipient: undefined },
      { to: undefined, nested: undefined, recipient: '…1000' },
    ],
  )
})

test('of an e-mail address and a client only a keyed hash is in a line, and in the bindings of a child nothing', () => {
  const [line, child] = linesOf(
    (logger) => {
      logger.info({ email: CANARY, clientAddress: CANARY }, 'x')
      logger.child({ email: CANARY, clientAddress: CANARY }).info('x')
    },
    { secretKey: 's'.repeat(40) },
  )
  assert.match(String(line?.['emailHash']), /^[0-9a-f]{16}$/)
  assert.equal(line?.['clientAddressHash'], line?.['emailHash'])
  assert.ok(line && !('email' in line))
  assert.doesNotMatch(JSON.stringify([line, child]), new RegExp(CANARY))
})

test('a number has a keyed hash beside it, so that lines on one recipient can be joined', () => {
  const [line, nested] = linesOf(
    (logger) => {
      logger.info({ to: NUMBER }, 'x')
      logger.info({ receipt: { remoteJid: '5511999991000@s.whatsapp.net' } }, 'x')
    },
    { secretKey: 's'.repeat(40) },
  )
  assert.match(String(line?.['toHash']), /^[0-9a-f]{16}$/)
  assert.equal(Object(nested?.['receipt']).remoteJidHash, line?.['toHash'])
  assert.equal(line?.['to'], '…1000')
})

test('tells of an error its type, message, code, stack and cause, and nothing an HTTP client hung on it', () => {
  const cause = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', socket: CANARY })
  const err = Object.assign(new TypeError('send failed', { cause }), {
    code: 'ERR_BAD_RESPONSE',
    config: { headers: { apikey: CANARY }, data: CANARY },
    response: { data: CANARY },
  })
  const [line, nested] = linesOf((logger) => {
    logger.error({ err }, 'x')
    logger.error({ result: { reason: err } }, 'x')
  })
  const { stack, cause: told, ...fields } = Object(line?.['err'])
  assert.deepEqual(fields, { type: 'TypeError', message: 'send failed', code: 'ERR_BAD_RESPONSE' })
  assert.match(stack, /logger\.test\.ts/)
  assert.equal(told.code, 'ECONNRESET')
  assert.doesNotMatch(JSON.stringify([line, nested]), new RegExp(CANARY))
})

test('hides numbers that an error quotes', () => {
  const lines = linesOf((logger) => {
    logger.error({ err: new Error(`no session for ${NUMBER}`) }, 'x')
    logger.error(new Error('no session for 5511999991000@s.whatsapp.net'))
  })
  assert.equal(lines.length, 2)
  assert.doesNotMatch(JSON.stringify(lines), /99999/)
})

test('ends at a certain depth and does not print bytes', () => {
  const ring: Record<string, unknown> = {}
  ring['ring'] = ring
  const [line] = linesOf((logger) => logger.info({ ring, value: Buffer.from(CANARY) }, 'x'))
  assert.match(JSON.stringify(line), /\[deep\]/)
  assert.equal(line?.['value'], '[bytes]')
})

test('writes nothing below the level', () => {
  assert.deepEqual(
    linesOf((logger) => logger.debug('x')),
    [],
  )
})

test('shows too little of a short number to guess the rest', () => {
  assert.equal(maskNumber('1234567'), '…')
  assert.equal(maskNumber(NUMBER), '…1000')
})

function linesOf(
  use: (logger: ReturnType<typeof createLogger>) => void,
  more: { secretKey?: string } = {},
): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  const stdout = { write: (line: string) => lines.push(JSON.parse(line)) }
  use(createLogger({ service: 'api', level: 'info', stdout, ...more }))
  return lines
}
