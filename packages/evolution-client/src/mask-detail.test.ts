import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maskDetail } from './mask-detail.ts'

test('a number keeps its last four digits, however it is written', () => {
  for (const number of ['5511999991000', '+55 (11) 99999-1000', '+55-11-99999-1000', '5511999991000@s.whatsapp.net']) {
    const masked = maskDetail(`to ${number}`)
    assert.doesNotMatch(masked, /\d{5}|\d\D{1,3}\d/)
  }
  assert.equal(maskDetail('error 463 at step 12'), 'error 463 at step 12')
})

test('tokens, addresses and paths are left out, long words are kept', () => {
  assert.equal(maskDetail('key B6D711FCDE4D4FD5936544120E713976 refused'), 'key <token> refused')
  assert.equal(maskDetail('postgresql://user:pass@db:5432/evolution is down'), '<address> is down')
  assert.equal(maskDetail("Can't reach `127.0.0.1:5432`, db.internal:5432"), "Can't reach `<address>`, <address>")
  assert.equal(maskDetail('in /evolution/dist/main.js'), 'in <path>')
  assert.equal(maskDetail('PrismaClientKnownRequestError: gone'), 'PrismaClientKnownRequestError: gone')
})

test('the code that Prisma prints is left out', () => {
  const text = [
    '',
    'Invalid `this.prismaRepository.contact.findMany()` invocation in',
    '/evolution/src/api/services/channel.service.ts:490:52',
    '',
    '  487   },',
    '  488 };',
    '→ 490 const contact = await this.prismaRepository.contact.findMany({',
    '    at Object.findMany (/evolution/node_modules/prisma/index.js:1:2)',
    'const token = secret',
    "Can't reach database server",
  ].join('\n')
  assert.equal(
    maskDetail(text),
    "Invalid `this.prismaRepository.contact.findMany()` invocation in <path> Can't reach database server",
  )
})

test('the detail is at most 500 characters of one line, whatever comes in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const masked = maskDetail(text)
      assert.ok(masked.length <= 500 && masked.isWellFormed())
      assert.doesNotMatch(masked, /[\r\n]|\d{7}/)
    }),
  )
  for (const part of ['a-', 'a', '1-', '/a', 'a@', 'a b', '{\n']) {
    const startedAt = performance.now()
    maskDetail(part.repeat(50_000))
    assert.ok(performance.now() - startedAt < 500, `slow on ${part}`)
  }
  assert.equal(maskDetail('ab '.repeat(1_000)).length, 500)
})
