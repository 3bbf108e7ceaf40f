import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digitsOf, digitVariantsOf, isCountry, isPhoneNumber, parsePhoneNumber } from './phone-number.ts'

test('a number is the same however a person writes it', () => {
  for (const written of [
    '5511999991000',
    '+5511999991000',
    '+55 (11) 99999-1000',
    ' +55 11 99999 1000 ',
    '005511999991000',
    '11 99999-1000',
    '(11) 99999-1000',
    '011 99999.1000',
  ])
    assert.equal(parsePhoneNumber(written, 'BR'), '+5511999991000', written)
})

test('a Brazilian mobile keeps its ninth digit, or its lack of one', () => {
  for (const [written, e164] of [
    ['+55 11 99999-1000', '+5511999991000'],
    ['+55 11 9999-1000', '+551199991000'],
    ['551199991000', '+551199991000'],
    ['(11) 9999-1000', '+551199991000'],
    ['1199991000', '+551199991000'],
    ['(11) 3333-4444', '+551133334444'],
  ] as const)
    assert.equal(parsePhoneNumber(written, 'BR'), e164, written)
})

test('a number of the default country never becomes one of a country whose code it begins with', () => {
  for (const area of ['11', '43', '45', '46', '47', '51', '64', '65', '67', '95'])
    for (const local of ['88887777', '98887777', '67778888', '999991000', '33334444'])
      assert.equal(parsePhoneNumber(`(${area}) ${local}`, 'BR'), `+55${area}${local}`)
})

test('an area that Brazil does not have makes no Brazilian number, with nine digits or eight', () => {
  for (const local of ['88887777', '988887777']) {
    assert.equal(parsePhoneNumber(`+5526${local}`), undefined)
    assert.equal(parsePhoneNumber(`+5550${local}`), undefined)
  }
})

test('without a default country only whole international numbers are numbers', () => {
  assert.equal(parsePhoneNumber('5511999991000'), '+5511999991000')
  assert.equal(parsePhoneNumber('+1 415 555 2671'), '+14155552671')
  assert.equal(parsePhoneNumber('11 99999-1000'), undefined)
})

test('a number of another country is taken as it is', () => {
  assert.equal(parsePhoneNumber('+1 415 555 2671', 'BR'), '+14155552671')
  assert.equal(parsePhoneNumber('14155552671', 'BR'), '+14155552671')
  assert.equal(parsePhoneNumber('(0) 171 1234567', 'DE'), '+491711234567')
})

test('what is no number is refused', () => {
  for (const text of [
    '',
    '+',
    '123',
    'abc',
    '+55',
    '+5511999',
    '+55119999910001',
    '119999910001',
    '+999999999999',
    '+55 11 99999-1000 ext 5',
    '+5511999991000;ext=1',
    'tel:+5511999991000',
    '5511999991000@s.whatsapp.net',
    '+5511+999991000',
    '+5511999991000/../instance',
    '+5511999991000\n+5511999991001',
    '+55119999l1000',
    '٥٥١١٩٩٩٩٩١٠٠٠',
    '{"$ne":null}',
    `+55${' '.repeat(60)}11 99999-1000`,
  ])
    assert.equal(parsePhoneNumber(text, 'BR'), undefined, text)
})

test('whatever comes in, only E.164 comes out, and parsing that again changes nothing', () => {
  const written = fc.string({ unit: fc.constantFrom(...'+0123456789() -.a'), maxLength: 24 })
  fc.assert(
    fc.property(fc.oneof(written, fc.string({ unit: 'binary' })), (text) => {
      const parsed = parsePhoneNumber(text, 'BR')
      if (parsed === undefined) return
      assert.ok(isPhoneNumber(parsed))
      assert.equal(parsePhoneNumber(parsed, 'BR'), parsed)
      assert.equal(digitsOf(parsed), parsed.slice(1))
    }),
    { numRuns: 2000 },
  )
})

test('the digit that comes and goes in Brazil, Mexico and Argentina is found from both forms', () => {
  for (const [long, short] of [
    ['5511999991000', '551199991000'],
    ['5215512345678', '525512345678'],
    ['5491123456789', '541123456789'],
  ] as const) {
    assert.deepEqual(variantsOf(long), [long, short])
    assert.deepEqual(variantsOf(short), [short, long])
  }
})

test('a number of any other country has one form', () => {
  for (const digits of ['14155552671', '491711234567', '351912345678', '5511999', '59899123456'])
    assert.deepEqual(variantsOf(digits), [digits])
})

test('a country is a code of two capital letters with a numbering plan', () => {
  for (const code of ['BR', 'US', 'DE']) assert.ok(isCountry(code), code)
  for (const code of ['', 'br', 'ZZ', 'BRA', '001', '55', '__proto__', 'constructor']) assert.ok(!isCountry(code), code)
})

function variantsOf(digits: string): readonly string[] {
  const number = `+${digits}`
  assert.ok(isPhoneNumber(number))
  return digitVariantsOf(number)
}
