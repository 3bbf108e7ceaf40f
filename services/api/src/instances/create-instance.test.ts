import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { SendFailure } from '@whatsapp-sender/contract'
import type { Instance, NewInstance } from '@whatsapp-sender/store'
import { createWebhookSecrets } from '../evolution-events/webhook-secret.ts'
import { createCreateInstance, type InstanceWriter } from './create-instance.ts'
import { createInstanceTokens } from './instance-token.ts'

describe('creating an instance', () => {
  test('removes it at Evolution again, with its own token, when it cannot be kept', async () => {
    const taken = setUp({ writer: { create: async () => 'name-taken' } })
    assert.deepEqual(await taken.createInstance(ANAS), { kind: 'name-taken' })
    assert.deepEqual(taken.atEvolution, {})

    const down = setUp({
      writer: {
        create: async () => {
          throw new Error('down')
        },
      },
    })
    await assert.rejects(down.createInstance(ANAS), /down/)
    assert.deepEqual(down.atEvolution, {})
  })

  test('does not wait for an Evolution that hangs, and removes what that made after all', async () => {
    const answer = Promise.withResolvers<undefined>()
    const evolution = setUp({ evolutionMs: 20, beforeAnswer: () => answer.promise })
    const result = await evolution.createInstance(ANAS)
    assert.deepEqual([result.kind, 'failure' in result && result.failure.kind], ['evolution-failed', 'ambiguous'])
    assert.equal((await evolution.createInstance(ANAS)).kind, 'under-way')
    answer.resolve(undefined)
    await until(() => Object.keys(evolution.atEvolution).length === 0)
    await until(async () => (await evolution.createInstance(ANAS)).kind === 'created')
  })

  test('takes what an earlier call of the same user left behind, with a webhook of its own', async () => {
    const evolution = setUp({ beforeAnswer: async () => LOST, cannotDelete: true })
    assert.equal((await evolution.createInstance(ANAS)).kind, 'evolution-failed')
    await until(() => evolution.leftBehind.length === 1)
    evolution.mend()
    const result = await evolution.createInstance(ANAS)
    assert.equal(result.kind, 'created')
    assert.equal(evolution.atEvolution['sales'], evolution.rows[0]?.evolutionToken)
    assert.deepEqual(evolution.webhooks, [evolution.rows[0]?.id])
  })

  test('takes nothing that was made for another, and removes nothing of his', async () => {
    const evolution = setUp({ beforeAnswer: async () => LOST, cannotDelete: true })
    await evolution.createInstance(ANAS)
    await until(() => evolution.leftBehind.length === 1)
    evolution.mend()
    const left = evolution.atEvolution['sales']
    assert.deepEqual(await evolution.createInstance(BOBS), { kind: 'name-taken' })
    assert.equal(evolution.atEvolution['sales'], left)
    assert.deepEqual(evolution.rows, [])
  })
})

const LOST: SendFailure = { kind: 'ambiguous', code: 'connection-lost', detail: '' }
const UNAUTHORIZED: SendFailure = { kind: 'configuration', code: 'unauthorized', detail: '' }
const IN_USE: SendFailure = { kind: 'configuration', code: 'name-in-use', detail: '' }

const ANAS = wantedBy('ana')
const BOBS = wantedBy('bob')

function wantedBy(id: string) {
  return {
    owner: { id, email: `${id}@example.com`, role: 'sender', onAmbiguous: 'resend' },
    name: 'sales',
    evolutionServer: 'default',
    number: undefined,
  } as const
}

/** An Evolution of names and tokens that may lose its answers, and a list of ours. */
function setUp(o: {
  writer?: Partial<InstanceWriter>
  beforeAnswer?: () => Promise<SendFailure | undefined>
  cannotDelete?: boolean
  evolutionMs?: number
}) {
  const atEvolution: Record<string, string> = {}
  const rows: Instance[] = []
  const leftBehind: string[] = []
  const webhooks: (string | undefined)[] = []
  const secrets = createWebhookSecrets({ newest: 's'.repeat(32) })
  let { beforeAnswer, cannotDelete } = o
  const isKey = (of: { instance: string; apiKey: string }) => atEvolution[of.instance] === of.apiKey
  const createInstance = createCreateInstance({
    evolution: {
      createInstance: async ({ name, token }) => {
        if (atEvolution[name] !== undefined) return { failure: IN_USE }
        atEvolution[name] = token
        const failure = await beforeAnswer?.()
        return failure ? { failure } : { token, evolutionId: undefined, state: 'close' }
      },
      deleteInstance: async (of) => {
        if (cannotDelete) return { failure: LOST }
        if (!isKey(of)) return { failure: UNAUTHORIZED }
        delete atEvolution[of.instance]
        return { done: true }
      },
      connectionState: async (of) => (isKey(of) ? { state: 'close' } : { failure: UNAUTHORIZED }),
      setWebhook: async ({ secret }) => {
        webhooks.push(secrets.instanceIdOf(secret))
        return { done: true }
      },
    },
    instances: {
      findByName: async (name) => rows.find((row) => row.name === name),
      create: async (instance) => {
        const row = rowOf(instance)
        rows.push(row)
        return row
      },
      markDeleted: async () => assert.fail('deleted'),
      ...o.writer,
    },
    tokenOf: createInstanceTokens('s'.repeat(32)),
    secrets,
    webhookUrl: 'http://127.0.0.1/v1/evolution/events',
    refreshDirectory: async () => {},
    onCreated: () => {},
    onLeftBehind: ({ instance }) => leftBehind.push(instance),
    ...(o.evolutionMs !== undefined && { evolutionMs: o.evolutionMs }),
  })
  const mend = () => {
    beforeAnswer = undefined
    cannotDelete = false
  }
  return { createInstance, atEvolution, rows, leftBehind, webhooks, mend }
}

function rowOf({ id = 'i', ...instance }: NewInstance): Instance {
  const now = new Date(0)
  return {
    channel: 'baileys',
    ...instance,
    id,
    ownerActive: true,
    paused: false,
    createdAt: now,
    updatedAt: now,
    revision: 1,
  }
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await isTrue()); turn++) {
    assert.ok(turn < 1000)
    await setImmediate()
  }
}
