import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi } from './api-under-test.ts'

/** Of each, in turn, so that whatever else the machine does meets both alike. */
const SAMPLES = 60
const ROUNDS_MAX = 5
const EVERY = { loginsPerAddress: 1000, loginsPerAccountAndAddress: 1000, loginsPerAccount: 1000 }

let api: ApiUnderTest

before(async () => {
  // Hashes that cost what they cost in production.
  api = await startApi({ overrides: { limits: EVERY, passwordCost: undefined } })
  await api.user('known@example.com')
})
after(() => api.stop())

test('neither text nor time of a refused login tells whether there is such an account', async () => {
  const times: Times = { known: [], unknown: [] }
  const texts = new Set<string>()
  // On a busy machine it takes more of them until it shows; two that really are apart never come together.
  for (let rounds = 0; rounds < ROUNDS_MAX && apart(times) > 0.05; rounds++) await measure(times, texts)
  assert.equal(texts.size, 1, [...texts].join('\n'))
  assert.ok(apart(times) <= 0.05, `known ${undisturbed(times.known)} ms, unknown ${undisturbed(times.unknown)} ms`)
})

type Times = Readonly<Record<'known' | 'unknown', number[]>>

async function measure(times: Times, texts: Set<string>): Promise<void> {
  for (let i = 0; i < SAMPLES; i++) {
    // In turns: whoever comes second after a pause of the machine is not always the same.
    const both = ['known', 'unknown'] as const
    for (const who of i % 2 === 0 ? both : both.toReversed()) {
      const startedAt = performance.now()
      const { status, body } = await api.anybody.post('/user/login', {
        email: `${who}@example.com`,
        password: `no ${i}`,
      })
      times[who].push(performance.now() - startedAt)
      texts.add(`${status} ${JSON.stringify(body)}`)
    }
  }
}

/** 0 to 1, of the longer of the two. 1 before anything is known. */
function apart({ known, unknown }: Times): number {
  const [one, other] = [undisturbed(known), undisturbed(unknown)]
  return one === 0 ? 1 : Math.abs(one - other) / Math.max(one, other)
}

/** What it takes when the machine has nothing else to do: others' work only ever adds to it. */
function undisturbed(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)] ?? 0
}
