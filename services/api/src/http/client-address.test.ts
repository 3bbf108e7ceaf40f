import assert from 'node:assert/strict'
import { test } from 'node:test'
import express from 'express'
import { clientAddressOf } from './client-address.ts'

test('an IPv6 customer counts as one whatever the lower half of his address', () => {
  assert.equal(addressOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(addressOf('2001:db8:1:2::9'), '2001:db8:1:2::/64')
  assert.equal(addressOf('2001:db8::9'), '2001:db8:0:0::/64')
  assert.equal(addressOf('::1'), '0:0:0:0::/64')
  assert.equal(addressOf('::ffff:10.0.0.1'), '10.0.0.1')
  assert.equal(addressOf('10.0.0.1'), '10.0.0.1')
})

function addressOf(ip: string): string {
  const req: express.Request = Object.create(express.request, { ip: { value: ip } })
  return clientAddressOf(req)
}
