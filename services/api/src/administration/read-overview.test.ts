import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReadOverview } from './read-overview.ts'

type Needs = Parameters<typeof createReadOverview>[0]

test('what fails or hangs is missing, and the rest is there within the bound', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const read = createReadOverview({ ...NEEDS, readLags: () => new Promise(() => {}), countInstances: fails })
  const reading = read()
  await new Promise(setImmediate)
  t.mock.timers.tick(4000)
  const { missing, kafka, instances, messages } = await reading
  assert.deepEqual([missing, kafka, instances], [['instances', 'kafka'], null, null])
  assert.equal(messages?.sending, 0)
})

test('several who look within two seconds ask once', async () => {
  let asked = 0
  let now = 0
  const countInstances = async () => {
    asked++
    return NO_INSTANCES
  }
  const read = createReadOverview({ ...NEEDS, countInstances, now: () => now })
  await Promise.all([read(), read()])
  now += 1900
  await read()
  assert.equal(asked, 1)
  now += 200
  await read()
  assert.equal(asked, 2)
})

test('what waits is told by its reason', async () => {
  const group = { count: 1, oldestDueAt: undefined, instanceId: 'open' } as const
  const oldest = new Date(1000)
  const read = createReadOverview({
    ...NEEDS,
    countWaiting: async () => ({
      isWhole: false,
      waiting: [
        { ...group, state: 'scheduled' },
        { ...group, state: 'retry' },
        { ...group, state: 'ready', oldestDueAt: new Date(2000) },
        { ...group, state: 'sending', count: 3 },
        { ...group, state: 'ready', instanceId: 'paused', oldestDueAt: oldest },
        { ...group, state: 'retry', instanceId: 'shut' },
        { ...group, state: 'ready', instanceId: 'nobody knows' },
      ],
    }),
    instanceById: (id) =>
      id === 'nobody knows'
        ? undefined
        : { name: id, owner: 'ana', paused: id === 'paused', state: id === 'shut' ? 'close' : 'open' },
  })
  const { longestWaiting: _, ...counts } = (await read()).messages ?? assert.fail()
  assert.deepEqual(counts, {
    waitingFor: { schedule: 1, retry: 1, paused: 1, instance: 2, turn: 1 },
    sending: 3,
    oldestDueAt: oldest,
    isWhole: false,
  })
})

test('the instances are named whose messages have been due for longest, with what holds them; not those that only have a schedule', async () => {
  const of = (
    instanceId: string,
    state: 'ready' | 'retry' | 'scheduled' | 'sending',
    count: number,
    dueAt?: number,
  ) => ({
    instanceId,
    state,
    count,
    oldestDueAt: dueAt === undefined ? undefined : new Date(dueAt),
  })
  const read = createReadOverview({
    ...NEEDS,
    countWaiting: async () => ({
      isWhole: true,
      waiting: [
        of('later', 'scheduled', 900),
        of('busy', 'sending', 2),
        of('few retries', 'retry', 1),
        of('many retries', 'retry', 7),
        of('young', 'ready', 40, 3000),
        of('shut', 'ready', 2, 1000),
        of('shut', 'retry', 3),
        of('gone', 'ready', 5, 2000),
        of('youngest', 'ready', 1, 4000),
      ],
    }),
    instanceById: (id) =>
      id === 'gone'
        ? undefined
        : { name: `its ${id}`, owner: 'ana', paused: false, state: id === 'shut' ? 'close' : 'open' },
  })
  const user = 'ana'
  assert.deepEqual((await read()).messages?.longestWaiting, [
    { instance: 'its shut', user, waitingFor: 'instance', waiting: 5, oldestDueAt: new Date(1000) },
    { instance: 'gone', user: null, waitingFor: 'instance', waiting: 5, oldestDueAt: new Date(2000) },
    { instance: 'its young', user, waitingFor: 'turn', waiting: 40, oldestDueAt: new Date(3000) },
    { instance: 'its youngest', user, waitingFor: 'turn', waiting: 1, oldestDueAt: new Date(4000) },
    { instance: 'its many retries', user, waitingFor: 'retry', waiting: 7, oldestDueAt: null },
  ])
})

const NO_INSTANCES = { open: 0, connecting: 0, close: 0, paused: 0 }

const NEEDS: Needs = {
  countInstances: async () => NO_INSTANCES,
  countWaiting: async () => ({ waiting: [], isWhole: true }),
  listProcesses: async () => [],
  listDeadLetters: async () => ({ data: [], next: undefined }),
  readLags: async () => [],
  instanceById: () => undefined,
  listServers: () => ['default'],
}

async function fails(): Promise<never> {
  throw new Error('down')
}
