import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BODY_BYTES_MAX, createBodyBudget } from './body-budget.ts'

test('all requests together hold at most three of the largest bodies, and an answered one makes room', () => {
  const budgets = [0, 1, 2].map(createBodyBudget)
  assert.ok(budgets.every((budget) => budget.take(BODY_BYTES_MAX)))
  const late = createBodyBudget()
  assert.equal(late.take(1), false)
  budgets[0]?.release()
  assert.equal(late.take(1), true)
  for (const budget of [...budgets, late]) budget.release()
})
