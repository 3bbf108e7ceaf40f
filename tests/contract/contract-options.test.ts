import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContractOptionsError, parseContractOptions } from './contract-options.ts'

test('a run can be repeated by its seed, and be made longer', () => {
  assert.deepEqual(parseContractOptions(['--seed', '0', '--max-examples', '500']), { seed: 0, maxExamples: 500 })
  const { seed, maxExamples } = parseContractOptions([])
  assert.ok(Number.isInteger(seed) && maxExamples > 0)
})

test('what is no option is refused, and not left aside', () => {
  for (const args of [['--seeds', '1'], ['--seed'], ['--seed', '-1'], ['--max-examples', '0'], ['7']]) {
    assert.throws(() => parseContractOptions(args), ContractOptionsError, args.join(' '))
  }
})
