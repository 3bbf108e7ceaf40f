import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { Moment } from './moment.ts'

test('a moment that is accepted is one that a record can carry', () => {
  for (const text of [
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59+00:01',
    `2027-01-31T18:00:00.${'9'.repeat(1000)}Z`,
  ]) {
    const moment = Moment.parse(text)
    assert.equal(z.iso.datetime().safeParse(moment.toISOString()).success, true, text.slice(0, 40))
  }
})

test('an offset carries no moment out of the years that a record can carry', () => {
  for (const text of ['0000-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01']) {
    assert.equal(Moment.safeParse(text).success, false, text)
  }
})
