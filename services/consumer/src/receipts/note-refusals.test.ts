import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Receipt } from '@whatsapp-sender/store'
import { notingRefusals } from './note-refusals.ts'

const NOON = Date.parse('2026-03-10T12:00:00Z')
const MIDNIGHT = Date.parse('2026-03-11T00:00:00Z')

let did: string[]
/** Ids of first messages. */
let firsts: string[]
let unknown: number[]
let pauseFails: boolean

beforeEach(() => {
  did = []
  firsts = ['first']
  unknown = []
  pauseFails = false
})

test('a first message that is refused pauses new recipients until the next day, and its recipient is new again', async () => {
  await apply(receipt('first'))
  assert.deepEqual(did, ['applied', `paused sales-1 ${MIDNIGHT}`, 'told', 'forgot first', 'checked sales-1'])
})

test('a refusal of a later message, or a receipt that is none, pauses nothing', async () => {
  await apply(receipt('later'), receipt('first', 'READ'))
  assert.deepEqual(did, ['applied'])
})

test('a refusal of a message that no row knows yet is left for when it is tried again', async () => {
  unknown = [0]
  await apply(receipt('first'))
  assert.deepEqual(did, ['applied'])
})

test('when the pause cannot be written the refusal is found again by the next try', async () => {
  pauseFails = true
  await assert.rejects(apply(receipt('first')))
  pauseFails = false
  await apply(receipt('first'))
  assert.equal(did.filter((each) => each.startsWith('paused')).length, 1)
})

function apply(...receipts: Receipt[]) {
  return notingRefusals({
    applyReceipts: async () => {
      did.push('applied')
      return { unknown }
    },
    contacts: {
      firstSentAs: async (sends) =>
        sends.filter(({ keyId }) => firsts.includes(keyId)).map((each) => ({ ...each, number: '+1' })),
      forgetFirst: async (recipients) => {
        for (const { keyId } of recipients) did.push(`forgot ${keyId}`)
        firsts = []
      },
    },
    paceAccounts: {
      pauseNewContacts: async (instanceId, until) => {
        if (pauseFails) throw new Error('away')
        did.push(`paused ${instanceId} ${until}`)
      },
    },
    paceOf: () => ({}),
    requestCheck: async (instanceId) => void did.push(`checked ${instanceId}`),
    storeNow: () => NOON,
    onPaused: () => void did.push('told'),
  })(receipts)
}

function receipt(keyId: string, status: Receipt['status'] = 'ERROR'): Receipt {
  return { instanceId: 'sales-1', keyId, status, at: new Date(NOON) }
}
