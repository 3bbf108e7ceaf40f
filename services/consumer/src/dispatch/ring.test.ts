import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRing } from './ring.ts'

test('what goes in comes out in its order, over any mix of both', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { maxLength: 20 }), (bursts) => {
      const ring = createRing<number>()
      const model: number[] = []
      bursts.forEach((count, turn) => {
        for (let n = 0; n < count; n++) {
          if (turn % 2 === 0) {
            ring.push(n)
            model.push(n)
          } else assert.equal(ring.shift(), model.shift())
        }
      })
      for (const each of model) assert.equal(ring.shift(), each)
      assert.equal(ring.shift(), undefined)
    }),
    { numRuns: 30 },
  )
})
