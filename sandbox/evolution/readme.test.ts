import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { EventOrder } from './event-orders.ts'
import { magicNumbers } from './magic-numbers.ts'
import { Program } from './programs.ts'
import { sandboxEnv } from './sandbox-env.ts'

const readme = await readFile(new URL('README.md', import.meta.url), 'utf8')

test('the README lists every recipient that fails, every order and every variable', () => {
  const wanted = [
    ...magicNumbers.map(({ ending, answer }) => `| ${ending} | ${answer} |`),
    ...[...Object.keys(Program.shape), ...Object.keys(EventOrder.shape), ...Object.keys(sandboxEnv.shape)].map(
      (name) => `\`${name}\``,
    ),
  ]
  assert.deepEqual(
    wanted.filter((text) => !readme.includes(text)),
    [],
  )
})
