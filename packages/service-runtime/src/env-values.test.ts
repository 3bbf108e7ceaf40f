import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envBoolean, envInteger, envList, envPort, envSecret, envSecrets, envUrl } from './env-values.ts'

test('refuses everything as a number that is not plain decimal digits', () => {
  for (const garbage of ['abc', '80 ', ' 80', '80.5', '0x50', '1e3', '+80', '8_0', 'NaN', 'Infinity', '٣']) {
    assert.equal(envInteger({ min: -100, max: 100 }).safeParse(garbage).success, false, garbage)
  }
})

test('takes numbers up to both bounds and not beyond', () => {
  const integer = envInteger({ min: -2, max: 3 })
  assert.deepEqual(
    ['-2', '3'].map((text) => integer.parse(text)),
    [-2, 3],
  )
  assert.deepEqual(
    ['-3', '4'].filter((text) => integer.safeParse(text).success),
    [],
  )
  assert.deepEqual(
    ['0', '65535'].map((text) => envPort.parse(text)),
    [0, 65535],
  )
  assert.equal(envPort.safeParse('65536').success, false)
})

test('takes only true and false for a switch', () => {
  assert.deepEqual(
    ['true', 'false'].map((text) => envBoolean.parse(text)),
    [true, false],
  )
  assert.deepEqual(
    ['1', 'yes', 'TRUE', 'on'].filter((text) => envBoolean.safeParse(text).success),
    [],
  )
})

test('takes http addresses only and drops the slash at the end', () => {
  assert.equal(envUrl.parse('https://evolution.example/base//'), 'https://evolution.example/base')
  const refused = [
    'evolution:8080',
    'ftp://x',
    'http://u:p@x',
    'http://u@x',
    'http://x?a=1',
    'http://x#a',
    '//x',
    'localhost',
  ]
  assert.deepEqual(
    refused.filter((text) => envUrl.safeParse(text).success),
    [],
  )
})

test('measures a secret in bytes, not in characters', () => {
  assert.equal(envSecret(8).safeParse('ééé').success, false)
  assert.equal(envSecret(8).safeParse('éééé').success, true)
})

test('of several secrets, one per line, the first is the newest, and none is short, empty or there twice', () => {
  assert.deepEqual(envSecrets(2).parse('new\r\nold\nolder'), { newest: 'new', others: ['old', 'older'] })
  assert.deepEqual(envSecrets(2).parse('it has, and keeps, its commas'), {
    newest: 'it has, and keeps, its commas',
    others: [],
  })
  assert.deepEqual(
    ['a', 'new\n', '\nnew', 'new\n\nold', 'new\nx', 'new\nnew', 'k1\nk2\nk3\nk4\nk5'].filter(
      (text) => envSecrets(2).safeParse(text).success,
    ),
    [],
  )
})

test('splits a list at commas and refuses empty items', () => {
  assert.deepEqual(envList.parse('a, b ,c'), ['a', 'b', 'c'])
  assert.deepEqual(
    ['a,,b', ',a', 'a,', ' '].filter((text) => envList.safeParse(text).success),
    [],
  )
})
