import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { CheckNumber, SendFailure } from '@whatsapp-sender/contract'
import type { EvolutionClient } from '@whatsapp-sender/evolution-client'
import type { LaneRow } from '@whatsapp-sender/store'
import { createCheckRecipient } from './check-recipient.ts'

const TO = '+5511999991000'
const ROW: LaneRow = {
  id: 'message-1',
  user: 'ana',
  instance: 'sales',
  instanceId: 'sales-1',
  to: TO,
  type: 'text',
  content: { text: 'hi' },
  status: 'sending',
  priority: 'normal',
  onAmbiguous: 'resend',
  appendedAt: 1,
  offset: 1n,
  attemptsCount: 0,
  nextAttemptAt: undefined,
  expiresAt: undefined,
  claim: 'token',
  by: 'me',
  claimedAt: undefined,
}

const HOW = { server: undefined, apiKey: 'key', mayStill: () => true }

let policy: CheckNumber
let known: 'exists' | 'known' | 'nothing' | Error
let answer: Awaited<ReturnType<EvolutionClient['whatsappNumbers']>>
let asked: number
let recorded: unknown[]
beforeEach(() => {
  policy = 'always'
  known = 'nothing'
  answer = { numbers: [{ number: '5511999991000', jid: '5511999991000@s.whatsapp.net', exists: true }] }
  asked = 0
  recorded = []
})

const check = createCheckRecipient({
  policyOf: () => policy,
  contacts: {
    whatIsKnownOf: async () => {
      if (known instanceof Error) throw known
      return known
    },
    recordExisting: async (_instanceId, found) => void recorded.push(...found),
  },
  evolution: {
    whatsappNumbers: async () => {
      asked += 1
      return answer
    },
  },
})

test('WhatsApp is asked as the instance wants it: never, of strangers, or of whom it was not asked within a week', async () => {
  const cases = [
    ['never', 'nothing', 0],
    ['first', 'nothing', 1],
    ['first', 'known', 0],
    ['first', 'exists', 0],
    ['always', 'nothing', 1],
    ['always', 'known', 1],
    ['always', 'exists', 0],
  ] as const
  for (const [wanted, is, questions] of cases) {
    ;[policy, known, asked] = [wanted, is, 0]
    assert.equal(await check(ROW, HOW), undefined)
    assert.equal(asked, questions, `${wanted} ${is}`)
  }
})

test('a number that is found is remembered, one that is not ends the message for good', async () => {
  await check(ROW, HOW)
  assert.deepEqual(recorded, [{ number: TO, jid: '5511999991000@s.whatsapp.net' }])
  answer = { numbers: [{ number: '5511999991000', jid: '', exists: false }] }
  assert.partialDeepStrictEqual(await check(ROW, HOW), { kind: 'permanent', code: 'not-on-whatsapp' })
  assert.equal(recorded.length, 1)
})

test('a question without an answer is never ambiguous: nothing of the message has left', async () => {
  const failures = [
    [{ kind: 'ambiguous', code: 'timeout', ofServer: true }, 'server-down'],
    [{ kind: 'ambiguous', code: 'send-block-error' }, 'transient'],
    [{ kind: 'instance-down', code: 'instance-not-open' }, 'instance-down'],
    [{ kind: 'rate-limited', code: 'whatsapp-rate-limit' }, 'rate-limited'],
  ] as const
  for (const [failure, kind] of failures) {
    const told: SendFailure = { ...failure, detail: '' }
    answer = { failure: told }
    assert.deepEqual(await check(ROW, HOW), { ...told, kind })
  }
  answer = { numbers: [] }
  assert.partialDeepStrictEqual(await check(ROW, HOW), { kind: 'transient', code: 'number-unanswered' })
})

test('what may not be sent any more when the answer is there waits for another try, and need not ask again', async () => {
  const late = await check(ROW, { ...HOW, mayStill: () => false })
  assert.partialDeepStrictEqual(late, { kind: 'server-down', code: 'number-check-late' })
  assert.equal(late?.ofServer, undefined, 'which says nothing of the server')
  assert.equal(recorded.length, 1)
  known = 'exists'
  assert.equal(await check(ROW, { ...HOW, mayStill: () => false }), undefined)
})

test('a channel that knows no such question sends as ever', async () => {
  answer = { failure: { kind: 'configuration', code: 'setup-refused', detail: '' } }
  assert.equal(await check(ROW, HOW), undefined)
})

test('without the database WhatsApp is asked', async () => {
  known = new Error('away')
  assert.equal(await check(ROW, HOW), undefined)
  assert.equal(asked, 1)
})
