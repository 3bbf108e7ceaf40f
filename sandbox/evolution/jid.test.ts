import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jidOf } from './jid.ts'

const CASES = [
  ['+55 (11) 99999-1000', '5511999991000@s.whatsapp.net'],
  ['5531988881000', '553188881000@s.whatsapp.net'],
  ['5511988883000', '5511988883000@s.whatsapp.net'],
  ['5531933331000', '5531933331000@s.whatsapp.net'],
  ['5215512345678', '525512345678@s.whatsapp.net'],
  ['5491123456789', '541123456789@s.whatsapp.net'],
  ['120363000000000000', '120363000000000000@g.us'],
  ['5511999991000-1600000000', '5511999991000-1600000000@g.us'],
  ['5511999991000@s.whatsapp.net', '5511999991000@s.whatsapp.net'],
  ['123@lid', '123@lid'],
  ['abc', '@s.whatsapp.net'],
] as const

for (const [number, jid] of CASES) {
  test(`${number} is addressed as ${jid}`, () => assert.equal(jidOf(number), jid))
}
