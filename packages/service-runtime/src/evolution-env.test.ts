import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { parseEnv } from './config.ts'
import { evolutionConfigOf, evolutionEnv } from './evolution-env.ts'

test('takes either name of the address, the newer first', () => {
  assert.equal(baseUrlOf({ EVOLUTION_URL: 'http://old/' }), 'http://old')
  assert.equal(baseUrlOf({ EVOLUTION_URL: 'http://old', EVOLUTION_API_URL: 'http://new' }), 'http://new')
})

test('names both the address and the key when they are missing', () => {
  assert.throws(() => parseEnv(z.object({ ...evolutionEnv }), {}), {
    faults: [
      { variable: 'AUTHENTICATION_API_KEY', message: 'is required' },
      { variable: 'EVOLUTION_API_URL', message: 'is required (or EVOLUTION_URL)' },
    ],
  })
})

function baseUrlOf(env: NodeJS.ProcessEnv): string {
  return evolutionConfigOf(parseEnv(z.object({ ...evolutionEnv }), { AUTHENTICATION_API_KEY: 'k', ...env })).baseUrl
}
