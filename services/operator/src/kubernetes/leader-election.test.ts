import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import type { Cluster } from './cluster.ts'
import { KubernetesError } from './kubernetes-error.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { createLeaderElection } from './leader-election.ts'

const LEASE = { name: 'operator', namespace: 'test' }

test('whatever hangs, fails or dies, two are never leader at once, and somebody leads again', async (t) => {
  const anyStep = fc.record({
    seconds: fc.integer({ min: 0, max: 12 }),
    who: fc.nat(2),
    does: fc.constantFrom('nothing', 'fail', 'hang', 'work', 'die', 'stop'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
      const world = createWorld(t)
      for (let i = 0; i < 3; i += 1) world.join()
      for (const { seconds, who, does } of steps) {
        world.change(who, does)
        await world.advance(seconds)
      }
      world.join()
      world.mend()
      await world.advance(60)
      assert.equal(world.leaders().length, 1)
      await world.end()
    }),
    { numRuns: 40 },
  )
})

test('a leader that is killed is followed when its lease has run out, not before', async (t) => {
  const world = createWorld(t)
  world.join()
  await world.advance(1)
  world.join()
  await world.advance(10)
  world.change(0, 'die')
  await world.advance(12)
  assert.deepEqual(world.leaders(), [])
  await world.advance(6)
  assert.deepEqual(world.leaders(), [1])
  await world.end()
})

test('a leader that stops is followed within two tries', async (t) => {
  const world = createWorld(t)
  world.join()
  await world.advance(1)
  world.join()
  await world.advance(1)
  world.change(0, 'stop')
  await world.advance(3)
  assert.deepEqual(world.leaders(), [1])
  assert.equal(world.spec()?.['leaseTransitions'], 1)
  await world.end()
})

test('a leader whose renewals fail stops writing after ten seconds and says so once', async (t) => {
  const world = createWorld(t)
  world.join()
  await world.advance(1)
  world.change(0, 'fail')
  await world.advance(8)
  assert.deepEqual(world.leaders(), [0])
  await world.advance(3)
  assert.deepEqual(world.leaders(), [])
  await world.advance(60)
  assert.deepEqual(world.lost(), [0])
  await world.end()
})

test('the times of a lease have six digits after the point, as the server wants them', async (t) => {
  const world = createWorld(t)
  world.join()
  await world.advance(1)
  assert.match(String(world.spec()?.['renewTime']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  await world.end()
})

/** One Lease, several candidates, and a clock that all of them share and that only `advance` moves. */
function createWorld(t: TestContext) {
  t.mock.timers.reset()
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let time = 0
  let version = 0
  let stored: KubernetesObject | undefined
  const lost: number[] = []
  const members: {
    election: ReturnType<typeof createLeaderElection>
    mode: 'work' | 'fail' | 'hang'
    isGone: boolean
  }[] = []
  const hanging: (() => void)[] = []

  function join(): void {
    const id = members.length
    async function pass(): Promise<void> {
      await Promise.resolve()
      if (members[id]?.mode === 'fail')
        throw new KubernetesError({ status: 503, reason: 'Unavailable', message: 'away' })
      if (members[id]?.mode === 'hang' || members[id]?.isGone) await new Promise<void>((go) => hanging.push(go))
      if (members[id]?.isGone) await new Promise<void>(() => {})
    }
    const cluster: Pick<Cluster, 'read' | 'create' | 'replace'> = {
      read: async () => {
        await pass()
        return stored
      },
      create: async (object) => {
        await pass()
        if (stored !== undefined) throw conflict()
        return store(object)
      },
      replace: async (object) => {
        await pass()
        if (stored?.metadata.resourceVersion !== object.metadata.resourceVersion) throw conflict()
        return store(object)
      },
    }
    const election = createLeaderElection({
      cluster,
      lease: LEASE,
      identity: `member-${id}`,
      onLost: () => lost.push(id),
      onError: () => undefined,
      now: () => time,
    })
    members.push({ election, mode: 'work', isGone: false })
    election.start()
  }
  function store(object: KubernetesObject): KubernetesObject {
    version += 1
    stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    return stored
  }
  /** A killed process writes nothing any more; what it believed of itself is nothing to anybody. */
  const leaders = () => members.flatMap(({ election, isGone }, id) => (election.isLeader() && !isGone ? [id] : []))

  return {
    join,
    leaders,
    lost: () => lost,
    spec: () => Object(stored?.['spec']),
    change: (who: number, does: string) => {
      const member = members[who]
      if (member === undefined || member.isGone) return
      if (does === 'fail' || does === 'hang' || does === 'work') member.mode = does
      if (does === 'die') member.isGone = true
      if (does === 'stop') void member.election.stop()
    },
    mend: () => {
      for (const member of members) member.mode = 'work'
      for (const go of hanging.splice(0)) go()
    },
    advance: async (seconds: number) => {
      for (let i = 0; i < seconds * 4; i += 1) {
        time += 250
        t.mock.timers.tick(250)
        await new Promise(setImmediate)
        assert.ok(leaders().length <= 1, `leaders at once: ${leaders().join()}`)
      }
    },
    end: async () => {
      for (const member of members) {
        member.mode = 'work'
        if (!member.isGone) void member.election.stop()
      }
      for (const go of hanging.splice(0)) go()
      await new Promise(setImmediate)
    },
  }
}

function conflict(): KubernetesError {
  return new KubernetesError({ status: 409, reason: 'Conflict', message: 'changed' })
}
