import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { until } from '../process/until.ts'
import { followLogs } from './follow-logs.ts'

const directory = await mkdtemp(join(tmpdir(), 'follow-logs-'))
after(() => rm(directory, { recursive: true }))

test('prints what is added from now on, whole lines only, of a file that comes later and of one that begins anew too', async () => {
  await writeFile(join(directory, 'api.log'), 'before\n')
  const following = await follow(['api.log', 'consumer.log'])
  await appendFile(join(directory, 'api.log'), 'first\nsec')
  await following.printed('<first>', 1)
  await appendFile(join(directory, 'api.log'), 'ond\n')
  await following.printed('<second>', 2)
  await writeFile(join(directory, 'consumer.log'), 'third\n')
  await following.printed('<third>', 3)
  await writeFile(join(directory, 'api.log'), 'anew\n')
  await following.printed('<anew>', 4)
  assert.deepEqual(await following.stop(), ['<first>', '<second>', '<third>', '<anew>'])
})

test('a flood is cut short, and says of how much', async () => {
  const following = await follow(['flood.log'])
  await writeFile(join(directory, 'flood.log'), 'x\n'.repeat(5000))
  await following.printed('the rest is told of', 51)
  assert.equal((await following.stop()).at(-1), '… and 4950 more lines in flood.log')
})

async function follow(names: readonly string[]) {
  const stopping = new AbortController()
  const lines: string[] = []
  const { ended } = await followLogs({
    directory,
    names,
    print: (text) => lines.push(...text.split('\n')),
    lineOf: (line) => `<${line}>`,
    signal: stopping.signal,
  })
  return {
    printed: (what: string, count: number) => until(what, async () => (lines.length >= count ? true : undefined)),
    stop: async () => {
      stopping.abort()
      await ended
      return lines
    },
  }
}
