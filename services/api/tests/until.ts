import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition, for at most a minute, for a machine may be busy with others. */
export async function until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (const endsAt = performance.now() + 60_000; !(await isTrue()); await sleep(20)) {
    assert.ok(performance.now() < endsAt, `never came: ${what}`)
  }
}
