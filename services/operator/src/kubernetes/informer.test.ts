import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createInformer } from './informer.ts'
import { KubernetesError } from './kubernetes-error.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import type { WatchEvent } from './watch-events.ts'

const NAMES = ['a', 'b', 'c']

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'delete' as const), name: fc.constantFrom(...NAMES) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('end' as const, 'break' as const, 'forget' as const, 'bookmark' as const, 'run' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('failLists' as const), times: fc.integer({ min: 1, max: 3 }) }) },
)

test('whatever breaks, the cache becomes what the server holds, and each key that changed was told after its last change', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
      const server = createServer()
      const told = new Map<string, string | undefined>()
      const informer = createInformer({
        cluster: server,
        selection: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'test' },
        onChange: (key) => void told.set(key, informer.get(key)?.metadata.resourceVersion),
        onError: () => undefined,
        sleep: () => new Promise(setImmediate),
      })
      informer.start()
      for (const step of steps) {
        if (step.do === 'put') server.put(step.name)
        else if (step.do === 'delete') server.delete(step.name)
        else if (step.do === 'failLists') server.failLists(step.times)
        else if (step.do === 'run') await new Promise(setImmediate)
        else server[step.do]()
      }
      await informer.synced
      await until(() => server.isIdle() && sameAs(server.versions(), informer))
      for (const [name, version] of server.versions()) assert.equal(told.get(`test/${name}`), version)
      for (const [key, version] of told) assert.equal(version, informer.get(key)?.metadata.resourceVersion)
      await informer.stop()
    }),
    { numRuns: 60 },
  )
})

test('a handler that throws is told of, and neither ends the watch nor loses the object', async () => {
  const server = createServer()
  const errors: unknown[] = []
  const informer = createInformer({
    cluster: server,
    selection: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'test' },
    onChange: () => {
      throw new Error('handler')
    },
    onError: (error) => errors.push(error),
  })
  informer.start()
  await informer.synced
  await until(server.isIdle)
  server.put('a')
  server.put('b')
  await until(() => informer.keys().length === 2)
  assert.equal(errors.length, 2)
  assert.equal(informer.state().failures, 0)
  await informer.stop()
})

test('the pauses between failures grow to half a minute, and one event makes them short again', async () => {
  const server = createServer()
  const pauses: number[] = []
  server.failLists(8)
  const informer = createInformer({
    cluster: server,
    selection: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'test' },
    onChange: () => undefined,
    onError: () => undefined,
    sleep: async (ms) => void pauses.push(Math.ceil(ms / 1000)),
    random: () => 1 - 2 ** -53,
  })
  informer.start()
  await informer.synced
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 30, 30, 30])
  await until(server.isIdle)
  server.put('a')
  await until(() => informer.keys().length === 1)
  server.break()
  await until(server.isIdle)
  assert.equal(pauses.at(-1), 1)
  await informer.stop()
})

test('a stop ends a watch and a pause under way, and is no failure', async () => {
  for (const prepare of [() => undefined, (server: ReturnType<typeof createServer>) => server.failLists(100)]) {
    const server = createServer()
    prepare(server)
    const informer = createInformer({
      cluster: server,
      selection: { apiVersion: 'v1', kind: 'ConfigMap' },
      onChange: () => undefined,
      onError: () => undefined,
      random: () => 0.999,
    })
    informer.start()
    await until(() => server.isIdle() || informer.state().failures > 0)
    const { failures } = informer.state()
    await informer.stop()
    assert.equal(informer.state().failures, failures)
  }
})

/** A server of one kind that remembers its events until it is told to forget them. */
function createServer() {
  let version = 1
  let remembers = 1
  let listsFailing = 0
  const objects = new Map<string, KubernetesObject>()
  let log: { version: number; event: WatchEvent }[] = []
  let watch: { wake(): void; ending: 'no' | 'end' | 'break' } | undefined

  function happen(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string): void {
    version += 1
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'test', resourceVersion: String(version) },
    }
    if (type === 'DELETED') objects.delete(name)
    else objects.set(name, object)
    log.push({ version, event: { type, object } })
    watch?.wake()
  }
  function endWatch(ending: 'end' | 'break'): void {
    if (watch === undefined) return
    watch.ending = ending
    watch.wake()
  }

  return {
    put: (name: string) => happen(objects.has(name) ? 'MODIFIED' : 'ADDED', name),
    delete: (name: string) => {
      if (objects.has(name)) happen('DELETED', name)
    },
    end: () => endWatch('end'),
    break: () => endWatch('break'),
    bookmark: () => {
      version += 1
      log.push({ version, event: { type: 'BOOKMARK', resourceVersion: String(version) } })
      watch?.wake()
    },
    /** As after a compaction, or a restart: what is older than now is gone, and so is the watch. */
    forget: () => {
      log = []
      remembers = version
      endWatch('break')
    },
    failLists: (times: number) => {
      listsFailing = times
    },
    versions: () => [...objects].map(([name, { metadata }]) => [name, metadata.resourceVersion] as const),
    isIdle: () => watch !== undefined && watch.ending === 'no',
    listWithVersion: async () => {
      if (listsFailing > 0) {
        listsFailing -= 1
        throw new KubernetesError({ status: 503, reason: 'ServiceUnavailable', message: 'away' })
      }
      return { resourceVersion: String(version), items: [...objects.values()] }
    },
    watch: async function* (_: unknown, from: Readonly<{ resourceVersion: string; signal: AbortSignal }>) {
      let at = Number(from.resourceVersion)
      if (at < remembers) throw new KubernetesError({ status: 410, reason: 'Expired', message: 'too old' })
      let woken = Promise.withResolvers<void>()
      const mine: { wake(): void; ending: 'no' | 'end' | 'break' } = { wake: () => woken.resolve(), ending: 'no' }
      watch = mine
      from.signal.addEventListener('abort', () => {
        mine.ending = 'break'
        mine.wake()
      })
      try {
        while (mine.ending === 'no') {
          for (const entry of log.filter((logged) => logged.version > at)) {
            at = entry.version
            yield entry.event
          }
          if (mine.ending !== 'no' || log.some((logged) => logged.version > at)) continue
          await woken.promise
          woken = Promise.withResolvers<void>()
        }
        if (mine.ending === 'break') throw new KubernetesError({ status: 0, reason: 'Unreachable', message: 'cut' })
      } finally {
        if (watch === mine) watch = undefined
      }
    },
  }
}

function sameAs(
  versions: readonly (readonly [string, string | undefined])[],
  informer: ReturnType<typeof createInformer>,
) {
  return (
    versions.length === informer.keys().length &&
    versions.every(([name, version]) => informer.get(`test/${name}`)?.metadata.resourceVersion === version)
  )
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, 'has not come true')
    await new Promise(setImmediate)
  }
}
