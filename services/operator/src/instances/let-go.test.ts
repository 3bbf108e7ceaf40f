import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NOW, resourceFor, viewFor } from './instance-for-test.ts'
import { letGo } from './let-go.ts'
import type { InstanceView } from './plan-instance.ts'
import { SenderUnavailableError } from './sender-api.ts'

const MISSING = new SenderUnavailableError({ reason: 'SenderMissing', message: 'There is no sender.' })
const AWAY = new SenderUnavailableError({ reason: 'ApiUnreachable', message: 'It does not answer.' })

describe('a resource that is deleted', () => {
  test('does what its policy says', async () => {
    assert.deepEqual(await doneFor('Delete', viewFor()), ['remove'])
    assert.deepEqual(await doneFor('Logout', viewFor()), ['logOut', 'release'])
    assert.deepEqual(await doneFor('Logout', viewFor({ kind: 'sandbox' })), ['release'])
    assert.deepEqual(await doneFor('Retain', viewFor()), ['release'])
  })

  test('does nothing to an instance that Kubernetes does not keep, or that is gone', async () => {
    const { managedBy: _, ...theirs } = viewFor()
    assert.deepEqual(await doneFor('Delete', theirs), [])
    assert.deepEqual(await doneFor('Delete', undefined), [])
  })

  test('waits for an API that is away for ten minutes, and is let go then', async () => {
    assert.deepEqual(await failing(AWAY, 599_999), { done: false, waiting: AWAY.message })
    const late = await failing(AWAY, 600_000)
    assert.ok(late.done && late.leftBehind?.includes('support is left as it is'))
  })

  test('does not wait for the API of a sender that is gone', async () => {
    assert.equal((await failing(MISSING, 0)).done, true)
  })
})

async function doneFor(deletionPolicy: string, view: InstanceView | undefined): Promise<string[]> {
  const done: string[] = []
  const step = (name: string) => async () => void done.push(name)
  const api = {
    find: async () => view,
    remove: step('remove'),
    logOut: step('logOut'),
    release: step('release'),
  }
  assert.deepEqual(await letGo(api, resourceFor({ deletionPolicy }, deleted(0)), NOW), { done: true })
  return done
}

function failing(error: Error, sinceMs: number) {
  const fail = async () => Promise.reject(error)
  const api = { find: fail, remove: fail, logOut: fail, release: fail }
  return letGo(api, resourceFor({ deletionPolicy: 'Delete' }, deleted(sinceMs)), NOW)
}

function deleted(sinceMs: number) {
  return {
    deletionTimestamp: new Date(NOW.getTime() - sinceMs).toISOString(),
    finalizers: ['whatsappsender.io/instance'],
  }
}
