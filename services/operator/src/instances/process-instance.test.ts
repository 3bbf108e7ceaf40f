import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { NOW, resourceFor, viewFor } from './instance-for-test.ts'
import { type Finding, progressOf } from './instance-status.ts'
import { lastStatusOf } from './last-status.ts'
import type { InstanceView } from './plan-instance.ts'
import { createProcessInstance } from './process-instance.ts'
import { SenderUnavailableError } from './sender-api.ts'

const AWAY = new SenderUnavailableError({ reason: 'ApiUnreachable', message: 'It does not answer.' })
const FINALIZER = 'whatsappsender.io/instance'

let holder: string | undefined
let downMs: number | undefined
let found: Finding | Error
let statuses: KubernetesObject[]
let applied: KubernetesObject[]
let said: string[]
let done: string[]

describe('one look at a resource', () => {
  beforeEach(() => {
    holder = 'ns/support'
    downMs = undefined
    found = seen('open')
    statuses = []
    applied = []
    said = []
    done = []
  })

  test('writes its status once, and says what has become of its phone', async () => {
    const process = processFor()
    await process('ns/support', resourceFor().object)
    await process('ns/support', resourceFor().object)
    assert.deepEqual([statuses.length, said], [1, ['Connected']])
    found = seen('close')
    await process('ns/support', resourceFor().object)
    assert.deepEqual([statuses.length, said], [2, ['Connected', 'Connecting']])
  })

  test('looks again soon for the number of a phone that was just connected, and says when it is not the declared one', async () => {
    const process = processFor()
    assert.equal(await process('ns/support', resourceFor().object), 15_000)
    found = seen('open', { connectedNumber: '+351910000000' }, '+5511999990000')
    assert.equal(await process('ns/support', resourceFor().object), 300_000)
    await process('ns/support', resourceFor().object)
    assert.deepEqual(said, ['Connected', 'OtherNumber'])
  })

  test('takes an API that is away for less than 30 s for no news of one that is as declared', async () => {
    const process = processFor()
    await process('ns/support', resourceFor().object)
    found = AWAY
    downMs = 29_999
    await process('ns/support', resourceFor().object)
    assert.equal(statuses.length, 1)
    await process('ns/support', resourceFor({}, { generation: 4 }).object)
    assert.equal(reasonOf(statuses[1]), 'ApiUnreachable', 'what was declared since is not there yet')
    downMs = 30_000
    await process('ns/support', resourceFor().object)
    assert.equal(statuses.length, 3)
  })

  test('leaves the instance to the resource that has it', async () => {
    holder = 'ns/older'
    await processFor()('ns/support', resourceFor({ deletionPolicy: 'Delete' }).object)
    assert.deepEqual([reasonOf(statuses[0]), applied], ['NameConflict', []])
    await processFor()('ns/support', deleted('Delete'))
    assert.deepEqual([done, finalizersOf(applied[0])], [[], []])
  })

  test('is held by a finalizer just where something has to be done before it goes', async () => {
    for (const deletionPolicy of ['Logout', 'Delete']) {
      await processFor()('ns/support', resourceFor({ deletionPolicy }).object)
    }
    assert.deepEqual(applied.map(finalizersOf), [[FINALIZER], [FINALIZER]])
    applied = []
    await processFor()('ns/support', resourceFor({}, { finalizers: [FINALIZER] }).object)
    await processFor()('ns/support', resourceFor().object)
    assert.deepEqual(applied.map(finalizersOf), [[]])
  })

  test('lets a resource go when what its policy says is done, and one that is paused at once', async () => {
    await processFor()('ns/support', deleted('Delete'))
    assert.deepEqual([done, applied.map(finalizersOf)], [['remove'], [[]]])
    done = []
    await processFor()('ns/support', deleted('Delete', { annotations: { 'whatsappsender.io/paused': 'true' } }))
    assert.deepEqual([done, applied.length], [[], 2])
  })

  test('of one that is paused writes nothing', async () => {
    const { object } = resourceFor({}, { annotations: { 'whatsappsender.io/paused': 'true' } })
    await processFor()('ns/support', object)
    assert.deepEqual([statuses, applied, said], [[], [], ['Paused']])
  })
})

function processFor() {
  const step = (name: string) => async () => void done.push(name)
  const unused = async () => Promise.reject(new Error('not asked for here'))
  return createProcessInstance({
    cluster: {
      apply: async (object) => {
        applied.push(object)
        return object
      },
      applyStatus: async (object) => {
        statuses.push(object)
        return object
      },
    },
    holders: { holderOf: () => holder },
    reach: {
      apiOf: () => ({
        find: async () => viewFor(),
        remove: step('remove'),
        logOut: step('log-out'),
        release: step('release'),
        perform: unused,
        connect: unused,
      }),
      downMs: () => downMs,
    },
    reconcile: async () => {
      if (found instanceof Error) throw found
      return found
    },
    onEnd: () => {},
    say: (_, { reason }) => said.push(reason),
    onProgress: () => {},
    now: () => NOW,
  })
}

function seen(state: 'open' | 'close', more: Partial<InstanceView> = {}, number?: string): Finding {
  const view = viewFor({ state, ...more })
  return { progress: progressOf(view), seen: { view, pairing: { state: 'none', request: undefined }, number } }
}

function deleted(deletionPolicy: string, metadata: object = {}): KubernetesObject {
  const gone = { deletionTimestamp: NOW.toISOString(), finalizers: [FINALIZER], ...metadata }
  return resourceFor({ deletionPolicy }, gone).object
}

function reasonOf(object: KubernetesObject | undefined): string | undefined {
  return lastStatusOf(object?.['status']).conditions.find(({ type }) => type === 'Ready')?.reason
}

function finalizersOf(object: KubernetesObject | undefined): readonly string[] | undefined {
  return object?.metadata.finalizers
}
