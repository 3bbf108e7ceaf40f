import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { ALERT_GROUPS } from '../../infra/src/monitoring/alerts.ts'

/** The files that break what runs until an alert fires. */
const RUNS = ['tests/end-to-end/{alerts,canary}*.test.ts', 'tests/kubernetes/alerts.test.ts']
/** How they wait for it, and for its end. */
const WAITS = /\.statesUntil\(\s*'(\w+)',\s*('firing'|undefined)/g

const NAMES = Object.values(ALERT_GROUPS).flatMap((alerts) => alerts.map(({ name }) => name))

suite('there is a real run in which', () => {
  test('every alert fires, and no other', async () => {
    assert.deepEqual(await waitedFor("'firing'"), NAMES.toSorted())
  })

  test('every alert ends when its cause is mended', async () => {
    assert.deepEqual(await waitedFor('undefined'), NAMES.toSorted())
  })
})

/** Names of the alerts whose state some run waits for. */
async function waitedFor(state: string): Promise<string[]> {
  const names = new Set<string>()
  for await (const file of glob(RUNS)) {
    for (const [, name = '', end] of (await readFile(file, 'utf8')).matchAll(WAITS)) if (end === state) names.add(name)
  }
  return [...names].sort()
}
