import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { InstanceState } from '@whatsapp-sender/contract'
import { createStateNotes } from './state-notes.ts'

let began: InstanceState[]
let answers: PromiseWithResolvers<void>[]
let mine: boolean
let asked: number
let faults: unknown[]
let notes: ReturnType<typeof createStateNotes>

beforeEach(() => {
  began = []
  answers = []
  mine = true
  asked = 0
  faults = []
  notes = createStateNotes({
    setState: (_id, state) => {
      began.push(state)
      const answer = Promise.withResolvers<void>()
      answers.push(answer)
      return answer.promise
    },
    isMine: () => {
      asked += 1
      return mine
    },
    onError: (error) => faults.push(error),
    againMs: 1,
  })
})

test('what is seen while a write is under way is written after it, and of several only the last', async () => {
  for (const state of ['close', 'connecting', 'open'] as const) note(state)
  assert.deepEqual(began, ['close'])
  await answer(0)
  assert.deepEqual(began, ['close', 'open'])
  await answer(1)
  assert.deepEqual(began, ['close', 'open'])
})

test('a write that failed is made again until it is there', async () => {
  note('close')
  answers[0]?.reject(new Error('the database is away'))
  await until(() => began.length === 2)
  assert.deepEqual([began, faults.length], [['close', 'close'], 1])
})

test("what has become another's is left to him: an old word would overwrite his", async () => {
  note('close')
  mine = false
  answers[0]?.reject(new Error('the database is away'))
  await until(() => asked === 1)
  await new Promise(setImmediate)
  mine = true
  note('open')
  assert.deepEqual(began, ['close', 'open'])
})

function note(state: InstanceState): void {
  notes.note({ id: 'sales-1', name: 'sales', state })
}

async function answer(at: number): Promise<void> {
  answers[at]?.resolve()
  await new Promise(setImmediate)
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1))
}
